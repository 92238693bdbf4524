/**
 * Holds the direction of imports: what may know what. The table below is the design's picture; a new folder needs a row.
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

/** Libraries that only these folders may import. */
const reserved: Record<string, readonly string[]> = {
  kafkajs: ["src/pipeline/kafka", "src/platform/adapters/kafkajs"],
  nodemailer: ["src/players/mail"],
};

interface Import {
  readonly file: string;
  readonly target: string;
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
    return { file, target };
  });
}

function within(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}

const product = ["schema", "rooms", "src", "web", "loadtest"].flatMap(sourceFiles);
const imports = product.flatMap(importsOf);
const ours = /^(schema|rooms|src|web|loadtest|bench|examples|test)\//;

describe("imports point one way", () => {
  for (const [folder, targets] of Object.entries(allowed)) {
    it(`${folder} imports ${targets.length === 0 ? "nothing of the project" : `only ${targets.join(", ")}`}`, () => {
      const wrong = imports
        .filter(({ file, target }) => within(file, folder) && ours.test(target))
        .filter(({ target }) => ![folder, ...targets].some((free) => within(target, free)));
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
