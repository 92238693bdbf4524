/**
 * The direction of imports: what may know what. The table below is the design's picture; a new folder needs a row.
 *
 * An interface between two parts of a process is declared once, by the part that serves it, in a file of its own that declares types
 * and nothing else. Beside the folders of the table, rooms may import the types of such files alone, so that they know no
 * implementation. What crosses a process boundary is declared in `schema`.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

/** For each folder, the project's other folders that it may import. The longest matching prefix counts. */
const allowed: Record<string, readonly string[]> = {
  schema: [],
  "src/platform/adapters": [],
  "src/game": [],
  "src/arena": ["src/game"],
  rooms: ["schema", "src/game", "src/platform/adapters"],
  web: ["schema", "src/game", "src/arena"],
};

/** Folders that may import interfaces of `src` too. */
const interfaceUsers = ["rooms"];

/** Libraries that only these folders may import. */
const reserved: Record<string, readonly string[]> = {
  kafkajs: ["src/pipeline/kafka", "src/platform/adapters/kafkajs"],
  nodemailer: ["src/players/mail"],
};

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typesOnly: boolean;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes("/dist/"));
}

const IMPORT = /^\s*(?:import|export)\b[^"';]*?from\s*"([^"]+)"|^\s*import\s*"([^"]+)"|\bimport\("([^"]+)"\)/gm;

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(root, file), "utf8");
  return [...text.matchAll(IMPORT)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3];
    const target = specifier.startsWith(".") ? path.join(path.dirname(file), specifier) : specifier;
    return { file, target, typesOnly: /^\s*(import|export)\s+type\b/.test(match[0]) };
  });
}

function within(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}

/** How a line outside of all braces may begin in a file that declares types and nothing else. */
const TYPE_LINE = /^(import type|(export )?(type|interface)|\}|\/?\*| |$)/;

function isInterface(file: string): boolean {
  return readFileSync(path.join(root, file), "utf8")
    .split("\n")
    .every((line) => TYPE_LINE.test(line));
}

const product = ["schema", "rooms", "src", "web", "loadtest"].flatMap(sourceFiles);
const imports = product.flatMap(importsOf);
const ours = /^(schema|rooms|src|web|loadtest|bench|examples|test)\//;

describe("imports point one way", () => {
  for (const [folder, targets] of Object.entries(allowed)) {
    const mayUseInterfaces = interfaceUsers.includes(folder);
    const those = targets.length === 0 ? "nothing of the project" : `only ${targets.join(", ")}`;
    it(`${folder} imports ${those}${mayUseInterfaces ? " and interfaces of src" : ""}`, () => {
      const wrong = imports
        .filter(({ file, target }) => within(file, folder) && ours.test(target))
        .filter(({ target }) => ![folder, ...targets].some((free) => within(target, free)))
        .filter(
          ({ target, typesOnly }) =>
            !(mayUseInterfaces && typesOnly && target.startsWith("src/") && isInterface(target)),
        );
      assert.deepEqual(wrong, []);
    });
  }

  it("only src/main imports src/arena, the page and the load test's bots aside", () => {
    const wrong = imports.filter(
      ({ file, target }) =>
        within(target, "src/arena") &&
        !["src/main", "src/arena", "web", "loadtest/arenaBots.ts"].some((folder) => within(file, folder)),
    );
    assert.deepEqual(wrong, []);
  });

  it("nobody but src/main imports rooms", () => {
    const wrong = imports.filter(
      ({ file, target }) =>
        within(target, "rooms") &&
        !within(file, "rooms") &&
        !within(file, "src/main") &&
        // The interface through which ticks leave a room is what its implementations are made to.
        target !== "rooms/TickEvents.ts",
    );
    assert.deepEqual(wrong, []);
  });

  it("nobody imports src/main, tests, benches or examples", () => {
    const wrong = imports.filter(
      ({ file, target }) => /^(src\/main|test|bench|examples)\//.test(target) && !within(file, "src/main"),
    );
    assert.deepEqual(wrong, []);
  });

  for (const [library, folders] of Object.entries(reserved)) {
    it(`only ${folders.join(" and ")} import${folders.length === 1 ? "s" : ""} ${library}`, () => {
      const wrong = imports.filter(
        ({ file, target }) => target === library && !folders.some((folder) => within(file, folder)),
      );
      assert.deepEqual(wrong, []);
    });
  }
});
