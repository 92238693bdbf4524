/** Rules for the whole tree: where files are, how they are named, and that they contain no broken links and no leftovers. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "" && existsSync(path.join(root, file)));
const code = files.filter((file) => /\.(ts|mts|mjs|js|sh)$/.test(file));

function read(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

/** Entries that must be at the top level, and others that may be. */
const required = ["README.md", "loadtest", "package.json", "rooms", "schema", "src", "test", "tsconfig.json"];
const optional = [
  ...["ARCHITECTURE.md", "CONTRIBUTING.md", "LICENSE", "biome.json", "Dockerfile", "compose.yaml", "package-lock.json"],
  ...["bench", "deploy", "docs", "examples", "tools", "web", "SECURITY.md"],
];

/** Test folders that do not mirror a folder of the program. */
const testsAcross = new Set([
  // The page in a browser.
  "browser",
  // The whole program while its processes and services fail.
  "chaos",
  // The behaviour of the framework that adapters rely on.
  "colyseus",
  // The personal data that every part stores.
  "players/privacy",
  // A second game.
  "tag",
  // Tests of the tree itself.
  "tidy",
]);

describe("the tree", () => {
  it("has all required entries at the top level, and no entry that is not listed", () => {
    const entries = [...new Set(files.map((file) => file.split("/")[0]))].filter((entry) => !entry.startsWith("."));
    assert.deepEqual(
      required.filter((entry) => !entries.includes(entry)),
      [],
    );
    assert.deepEqual(
      entries.filter((entry) => !required.includes(entry) && !optional.includes(entry)),
      [],
    );
  });

  it("has the tests of a folder at the same path below test/", () => {
    const folders = files.filter((file) => file.startsWith("test/")).map((file) => path.dirname(file));
    const tested = [...new Set(folders)].map((folder) => path.relative("test", folder)).filter((name) => name !== "");
    assert.deepEqual(
      tested.filter(
        (name) => !testsAcross.has(name) && ![name, `src/${name}`].some((of) => existsSync(path.join(root, of))),
      ),
      [],
    );
  });

  it("has no folder or file with a meaningless name", () => {
    const meaningless = /(^|\/)(utils?|helpers?|managers?|commons?|misc|shared|lib)(\/|\.ts$)/i;
    assert.deepEqual(
      files.filter((file) => meaningless.test(file)),
      [],
    );
  });

  it("names a class file in PascalCase and any other in camelCase", () => {
    const wrong = code.filter((file) => {
      const base = path.basename(file).split(".")[0];
      return file.endsWith(".ts") && !/^([A-Z][A-Za-z0-9]*|[a-z][A-Za-z0-9]*)$/.test(base);
    });
    assert.deepEqual(wrong, []);
  });

  it("keeps every source file under 500 lines", () => {
    const long = code.filter((file) => read(file).split("\n").length > 500);
    assert.deepEqual(long, []);
  });

  it("has no address of a package mirror in the lockfile", () => {
    assert.doesNotMatch(read("package-lock.json"), /"resolved": "https?:/);
  });

  it("has no TODO or similar note in the code", () => {
    const note = /\b(TODO|FIXME|XXX|HACK)\b/;
    assert.deepEqual(
      code.filter((file) => !file.startsWith("test/tidy/") && note.test(read(file))),
      [],
    );
  });

  it("links only to files that exist", () => {
    const broken = files
      .filter((file) => file.endsWith(".md"))
      .flatMap((file) =>
        [...read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)]
          .map((match) => path.join(path.dirname(file), match[1]))
          .filter((target) => !existsSync(path.join(root, target)))
          .map((target) => `${file} → ${target}`),
      );
    assert.deepEqual(broken, []);
  });
});
