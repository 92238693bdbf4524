/**
 * The direction of imports: which folder may import which. A new folder needs a row in the table below.
 *
 * The part that provides an interface to others in the same process declares it, in a file that contains only types. In
 * addition to the folders of the table, `rooms` may import types from such files in `src`, so that rooms know no
 * implementation. What crosses a process boundary is declared in `schema`.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

/**
 * For each folder, the project's other folders that it may import, as type or as value. A row holds for the folders below it,
 * except those with a row of their own. It lists nothing that is not imported.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  schema: [],
  "src/game": ["schema"],
  "src/arena": ["src/game"],
  rooms: ["schema", "src/game", "src/platform/adapters"],

  "src/platform/adapters": [],
  "src/platform/async": [],
  "src/platform/clock": [],
  "src/platform/commandLine": [],
  "src/platform/config": ["src/platform/commandLine"],
  "src/platform/files": [],
  "src/platform/health": ["src/platform/config", "src/platform/logging"],
  "src/platform/locks": [],
  "src/platform/logging": [],
  "src/platform/objectStore": ["src/platform/async", "src/platform/config", "src/platform/files", "src/platform/locks"],
  "src/platform/redis": ["src/platform/config"],
  "src/platform/sql": ["src/platform/async", "src/platform/config", "src/platform/files", "src/platform/locks"],
  "src/platform/tick": [],
  "src/platform/tracing": ["src/platform/async", "src/platform/logging"],

  "src/matchmaking": [
    "schema",
    "src/game",
    "src/platform/adapters",
    "src/platform/async",
    "src/platform/clock",
    "src/platform/logging",
    "src/platform/redis",
  ],

  // The log port is below what implements it (embedded, kafka) and below what is put into it (events).
  "src/pipeline/log": [],
  "src/pipeline/outbox": ["src/platform/commandLine", "src/platform/files", "src/platform/locks"],
  "src/pipeline/events": ["schema", "src/game", "src/pipeline/log", "src/pipeline/outbox"],
  "src/pipeline/embeddedLog": [
    "src/pipeline/events",
    "src/pipeline/log",
    "src/pipeline/outbox",
    "src/platform/async",
    "src/platform/logging",
  ],
  "src/pipeline/kafka": [
    "src/pipeline/log",
    "src/platform/adapters",
    "src/platform/async",
    "src/platform/config",
    "src/platform/health",
    "src/platform/logging",
  ],
  "src/pipeline/relay": [
    "src/pipeline/events",
    "src/pipeline/kafka",
    "src/pipeline/log",
    "src/pipeline/outbox",
    "src/platform/async",
    "src/platform/files",
    "src/platform/health",
    "src/platform/logging",
    "src/platform/tracing",
  ],
  "src/pipeline/salvage": [
    "src/pipeline/events",
    "src/pipeline/kafka",
    "src/pipeline/outbox",
    "src/pipeline/relay",
    "src/platform/commandLine",
    "src/platform/logging",
  ],
  "src/pipeline/sinks": [
    "schema",
    "src/game",
    "src/pipeline/events",
    "src/pipeline/log",
    "src/platform/async",
    "src/platform/clock",
    "src/platform/commandLine",
    "src/platform/objectStore",
    "src/platform/redis",
    "src/platform/sql",
    "src/platform/tracing",
  ],
  "src/pipeline/audit": [
    "schema",
    "src/pipeline/events",
    "src/pipeline/log",
    "src/pipeline/sinks",
    "src/platform/commandLine",
    "src/platform/config",
    "src/platform/objectStore",
    "src/platform/sql",
  ],
  "src/pipeline/rebuild": [
    "src/pipeline/log",
    "src/pipeline/sinks",
    "src/platform/commandLine",
    "src/platform/objectStore",
    "src/platform/sql",
  ],
  "src/pipeline/redrive": ["src/pipeline/log", "src/pipeline/sinks", "src/platform/commandLine", "src/platform/sql"],

  "src/players/auth": [],
  "src/players/mail": ["src/platform/async", "src/platform/config"],
  "src/players/rating": ["src/platform/config"],
  "src/players/database": [
    "schema",
    "src/game",
    "src/pipeline/events",
    "src/pipeline/sinks",
    "src/platform/commandLine",
    "src/platform/sql",
    "src/players/rating",
  ],
  "src/players/rankings": [
    "src/platform/async",
    "src/platform/redis",
    "src/platform/sql",
    "src/players/database",
    "src/players/rating",
  ],
  "src/players/hooks": ["src/game", "src/platform/async", "src/platform/sql", "src/players/database"],
  "src/players/identity": [
    "schema",
    "src/platform/sql",
    "src/players/auth",
    "src/players/mail",
    "src/players/rating",
    "src/players/database",
  ],

  "src/api": [
    "schema",
    "src/game",
    "src/matchmaking",
    "src/platform/async",
    "src/platform/commandLine",
    "src/platform/health",
    "src/platform/sql",
    "src/players/auth",
    "src/players/identity",
    "src/players/rankings",
    "src/players/rating",
    "src/players/database",
  ],

  // The composition root: the only part of the program that may import every other.
  "src/main": ["schema", "rooms", "src"],

  web: ["schema", "src/arena", "src/game"],
  loadtest: ["schema", "src/game", "src/platform/async", "src/platform/commandLine", "src/platform/files"],
  "loadtest/loadBotGame.ts": ["src/main/loadGames.ts", "src/platform/commandLine"],
  examples: [],
  // A studio has nothing else.
  "examples/games": ["src/game/publicApi.ts"],
  tools: ["src/platform/commandLine"],
  bench: ["schema", "rooms", "src", "loadtest", "tools", "test"],
  test: ["schema", "rooms", "src", "web", "loadtest", "bench", "tools", "examples/games"],
};

/** Folders that may import interfaces of `src` too. */
const interfaceUsers = ["rooms"];

/** Libraries that only these folders may import. */
const reserved: Readonly<Record<string, readonly string[]>> = {
  kafkajs: ["src/pipeline/kafka/kafkajs", "src/platform/adapters/kafkajs"],
  "@platformatic/kafka": ["src/pipeline/kafka/platformatic"],
  nodemailer: ["src/players/mail"],
  "@opentelemetry/api": ["src/platform/tracing"],
  "@opentelemetry/exporter-trace-otlp-http": ["src/platform/tracing"],
  "@opentelemetry/resources": ["src/platform/tracing"],
  "@opentelemetry/sdk-trace-base": ["src/platform/tracing"],
};

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typesOnly: boolean;
}

const notOurs = new Set(["node_modules", "dist"]);

/** TypeScript files below a folder, as paths from the root. */
function sourceFiles(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) return notOurs.has(entry.name) || entry.name.startsWith(".") ? [] : sourceFiles(name);
    return entry.name.endsWith(".ts") ? [name] : [];
  });
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

/** How a line outside of all braces can begin in a file that declares only types. */
const TYPE_LINE = /^(import type|(export )?(type|interface)|\}|\/?\*| |$)/;

function isInterface(file: string): boolean {
  return readFileSync(path.join(root, file), "utf8")
    .split("\n")
    .every((line) => TYPE_LINE.test(line));
}

/** The most specific row for the folder of a file. */
function rowOf(file: string): string | undefined {
  return Object.keys(allowed)
    .filter((row) => within(file, row))
    .sort((a, b) => b.length - a.length)[0];
}

/** Returns chains of files that import each other: at least one if there is any. */
function cyclesIn(imports: readonly Pick<Import, "file" | "target">[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { file, target } of imports) targets.set(file, [...(targets.get(file) ?? []), target]);
  const cycles = new Set<string>();
  const done = new Set<string>();
  const chain: string[] = [];
  const follow = (file: string): void => {
    const from = chain.indexOf(file);
    if (from >= 0) {
      const cycle = chain.slice(from);
      const first = cycle.indexOf([...cycle].sort()[0]);
      cycles.add([...cycle.slice(first), ...cycle.slice(0, first)].join(" → "));
      return;
    }
    if (done.has(file)) return;
    chain.push(file);
    for (const target of targets.get(file) ?? []) follow(target);
    chain.pop();
    done.add(file);
  };
  for (const file of targets.keys()) follow(file);
  return [...cycles];
}

const files = sourceFiles(".");
const known = new Set(files);
const imports = files.flatMap(importsOf);
const ours = imports.filter(({ target }) => known.has(target));
const isProduct = (file: string): boolean => !["bench", "test", "tools", "examples"].some((row) => within(file, row));

describe("imports point one way", () => {
  it("has a row for every folder", () => {
    const without = files.filter((file) => rowOf(file) === undefined).map((file) => path.dirname(file));
    assert.deepEqual([...new Set(without)], []);
  });

  it("has no row for a folder that does not exist", () => {
    assert.deepEqual(
      Object.keys(allowed).filter((row) => !files.some((file) => within(file, row))),
      [],
    );
  });

  for (const [row, targets] of Object.entries(allowed)) {
    const own = row.endsWith(".ts") ? path.dirname(row) : row;
    const isFree = ({ target, typesOnly }: Import): boolean =>
      interfaceUsers.includes(row) && typesOnly && target.startsWith("src/") && isInterface(target);
    const outside = ours.filter(({ file, target }) => rowOf(file) === row && !within(target, own));

    it(`${row} imports ${targets.length === 0 ? "nothing else of the project" : `only ${targets.join(", ")}`}`, () => {
      assert.deepEqual(
        outside.filter((one) => !targets.some((folder) => within(one.target, folder)) && !isFree(one)),
        [],
      );
    });

    it(`${row} imports all that its row lists`, () => {
      assert.deepEqual(
        targets.filter((folder) => !outside.some(({ target }) => within(target, folder))),
        [],
      );
    });
  }

  it("lets no two folders of the program import each other, not even through others", () => {
    const product = Object.entries(allowed).filter(([row]) => isProduct(row));
    const rows = product.flatMap(([file, targets]) => targets.map((target) => ({ file, target })));
    assert.deepEqual(cyclesIn(rows), []);
  });

  it("has no circular imports between files, those of types included", () => {
    assert.deepEqual(cyclesIn(ours), []);
  });

  it("finds a circular import", () => {
    const pairs = ["b a", "a b", "b c", "c d"].map((pair) => pair.split(" "));
    assert.deepEqual(cyclesIn(pairs.map(([file, target]) => ({ file, target }))), ["a → b"]);
  });

  for (const [library, folders] of Object.entries(reserved)) {
    it(`only ${folders.join(" and ")} import${folders.length === 1 ? "s" : ""} ${library}`, () => {
      const wrong = imports.filter(
        ({ file, target }) => isProduct(file) && target === library && !folders.some((folder) => within(file, folder)),
      );
      assert.deepEqual(wrong, []);
    });
  }
});
