/** The test that docs/games-testing.md shows is complete: it runs as it is there, but for the places of the two modules. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../../..");

describe("the test in docs/games-testing.md", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const [, shown] = /^```ts\n([\s\S]*?)^```/m.exec(readFileSync(path.join(root, "docs/games-testing.md"), "utf8"))!;
  const runnable = shown
    .replace('"hypogeum/testing"', JSON.stringify(path.join(root, "src/game/testing/publicApi.ts")))
    .replace('"./tag.ts"', JSON.stringify(path.join(root, "test/tag/tag.ts")));

  function run(source: string) {
    const file = path.join(folder, "tag.test.ts");
    writeFileSync(file, source);
    // A run of `node --test` within another is skipped.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    return spawnSync(process.execPath, ["--test", file], { encoding: "utf8", env });
  }

  it("has ten lines", () => {
    assert.equal(
      shown
        .trim()
        .split("\n")
        .filter((line) => line !== "").length,
      9,
    );
  });

  it("is that of the docstring of testMatch", () => {
    const docstring = readFileSync(path.join(root, "src/game/testing/testMatch.ts"), "utf8").replaceAll(/^ \* /gm, "");
    assert.ok(docstring.includes(shown.slice(shown.indexOf("test("))));
  });

  it("passes, and fails for a game that behaves differently", () => {
    const passed = run(runnable);
    assert.equal(passed.status, 0, passed.stdout + passed.stderr);
    assert.match(passed.stdout, /pass 1\b/);
    const failed = run(runnable.replace("it, true)", "it, false)"));
    assert.equal(failed.status, 1);
  });
});
