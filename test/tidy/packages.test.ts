/** What runs without the development dependencies imports nothing that only they bring. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
const read = (file: string) => JSON.parse(readFileSync(path.join(root, file), "utf8"));
const { dependencies, optionalDependencies, devDependencies, engines, scripts, files } = read("package.json");
const locked = read("package-lock.json").packages;

/** Configuration of tools for development, which the build leaves out too. */
const ofTools = (read("tools/build/tsconfig.json").exclude as string[]).map((file) =>
  path.posix.normalize(`tools/build/${file}`),
);

/** What runs in production, and what it then may import. The page is built from `web` when a checkout is installed. */
const RUNNING: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "{src,rooms,schema,loadtest}/**/*.ts": dependencies,
  "web/**/*.ts": { ...dependencies, ...optionalDependencies },
};

const IMPORTED =
  /^\s*(?:import|export)\b[^"';]*?from\s*"([^"]+)"|^\s*import\s*"([^"]+)"|\bimport\("([^"]+)"\)|\b(?:require|require\.resolve|createRequire\(import\.meta\.url\))\("([^"]+)"\)/gm;

function packagesIn(text: string): string[] {
  return [...text.matchAll(IMPORTED)]
    .map(([, ...found]) => found.find((specifier) => specifier !== undefined)!)
    .filter((specifier) => !/^(\.|node:)/.test(specifier))
    .map((specifier) =>
      specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/"),
    );
}

describe("packages", () => {
  it("finds every way to load a package", () => {
    const text = `import a from "a/x";
      export {
        b,
      } from "@b/b/y";
      import "c";
      await import("d"); createRequire(import.meta.url)("e/z"); require("f"); require.resolve("g/h.js");
      import "node:fs";
      import "./i.ts";`;
    assert.deepEqual(packagesIn(text), ["a", "@b/b", "c", "d", "e", "f", "g"]);
  });

  for (const [pattern, declared] of Object.entries(RUNNING))
    it(`${pattern} imports only packages that a production install has`, () => {
      const undeclared = globSync(pattern, { cwd: root, exclude: ["web/dist/**"] })
        .filter((file) => !ofTools.includes(file))
        .flatMap((file) => packagesIn(readFileSync(path.join(root, file), "utf8")).map((name) => ({ file, name })))
        .filter(({ name }) => !Object.hasOwn(declared, name));
      assert.deepEqual(undeclared, []);
    });

  it("has what npm scripts of a production install run among its dependencies", () => {
    for (const tool of ["node", "vite"]) assert.ok(Object.hasOwn(optionalDependencies, tool), tool);
  });

  it("has a lockfile that says the same, and leaves none of them out of a production install", () => {
    assert.deepEqual(
      [locked[""].dependencies, locked[""].optionalDependencies, locked[""].devDependencies],
      [dependencies, optionalDependencies, devDependencies],
    );
    const production = Object.keys({ ...dependencies, ...optionalDependencies });
    assert.deepEqual(
      production.filter((name) => locked[`node_modules/${name}`].dev),
      [],
    );
  });

  it("packs only the built program", () => {
    assert.deepEqual(files, ["dist"]);
  });

  it("promises one oldest Node: in package.json, in the entry and in README.md", () => {
    const oldest = /^>=(\d+)\.(\d+)$/.exec(engines.node)!;
    const entry = readFileSync(path.join(root, "src/main/hypogeum.cjs"), "utf8");
    assert.match(entry, new RegExp(`OLDEST = \\[\\s*\\[${oldest[1]}, ${oldest[2]}\\]`));
    assert.match(readFileSync(path.join(root, "README.md"), "utf8"), new RegExp(`Node ${oldest[1]}\\.${oldest[2]}`));
  });

  it("runs the server and its commands in place of npm's shell, so that a signal to npm reaches them", () => {
    const names = ["start", "audit", "outbox", "rebuild", "redrive", "retention", "migrate", "ranking:rebuild"];
    assert.deepEqual(
      [...names, "loadtest", "soak"].filter((name) => !/^exec node src\/main\/hypogeum\.cjs\b/.test(scripts[name])),
      [],
    );
  });
});
