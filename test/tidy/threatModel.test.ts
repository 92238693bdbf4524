/** Compares docs/threat-model.md with the tests that it cites. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

const document = path.resolve(import.meta.dirname, "../../docs/threat-model.md");
const lines = readFileSync(document, "utf8").split("\n");
const rows = lines.filter((line) => /^\| /.test(line) && !/^\| (threat|---) /.test(line));
/** A title may contain quotation marks. */
const CITATION = /\[[^\]]+\]\(([^)]+\.test\.ts)\) "(.+?)"(?=, \[| \|$)/g;

const citations = (row: string) => [...row.matchAll(CITATION)].map(([, file, title]) => ({ file, title }));

/** Whether the file has a test with this title: the whole first argument of `it`, or of `describe`. */
function hasTest(text: string, title: string): boolean {
  const quoted = [`"${title}"`, `\`${title}\``];
  return quoted.some((argument) => text.includes(`it(${argument}`) || text.includes(`describe(${argument}`));
}

describe("the threat model", () => {
  it("has three cells in each row, of which the last cites a test", () => {
    assert.ok(rows.length > 20);
    const wrong = rows.filter((row) => row.split(" | ").length !== 3 || citations(row).length === 0);
    assert.deepEqual(wrong, []);
  });

  it("cites only tests that exist", () => {
    const missing = rows.flatMap(citations).filter(({ file, title }) => {
      const target = path.join(path.dirname(document), file);
      return !existsSync(target) || !hasTest(readFileSync(target, "utf8"), title);
    });
    assert.deepEqual(missing, []);
  });

  it("notices a test that was renamed", () => {
    assert.ok(hasTest('it("is refused", () => {});', "is refused"));
    assert.ok(!hasTest('it("is refused with a reason", () => {});', "is refused"));
  });
});
