/** Holds what every committed file owes its readers: names that say something, no traces of one machine, no dead ends. */
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

describe("the tree", () => {
  it("has no folder or file whose name says nothing", () => {
    const empty = /(^|\/)(utils?|helpers?|managers?|commons?|misc|shared|lib)(\/|\.ts$)/i;
    assert.deepEqual(
      files.filter((file) => empty.test(file)),
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

  it("holds no address of a package mirror in the lockfile", () => {
    assert.doesNotMatch(read("package-lock.json"), /"resolved": "https?:/);
  });

  it("holds no stray notes", () => {
    const note = /\b(TODO|FIXME|XXX|HACK)\b/;
    assert.deepEqual(
      code.filter((file) => !file.startsWith("test/tidy/") && note.test(read(file))),
      [],
    );
  });

  it("links only to files that are there", () => {
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
