/**
 * What a player reads on the page is in one catalogue, `web/texts.ts`. The patterns below find most texts that are elsewhere.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
const CATALOGUE = "web/texts.ts";
const sources = readdirSync(path.join(root, "web"), { recursive: true, encoding: "utf8" })
  .map((file) => path.posix.join("web", file))
  .filter((file) => file.endsWith(".ts") && !file.startsWith("web/dist/") && file !== CATALOGUE);

const COMMENT = /\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/.*$/gm;
const LITERAL = /"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g;
/** A capitalised word at the start, the end of a sentence, an ellipsis, or a word in brackets. */
const TEXT = /^\s*[A-Z][a-z]+|[a-z]{2}[.!?…](\s|$)|…|^ ?\([a-z ]+\)$/;
/** Attributes that are shown or read out. */
const ATTRIBUTE = /(?:"aria-label"|\btitle|\bplaceholder|\balt)\s*:\s*(?:[^,}]*\?\s*)?["`][^"`$]*[a-z]/g;
/** Part of the HTTP protocol. */
const ALLOWED = /^Bearer /;

function textsIn(source: string): string[] {
  const code = source.replace(COMMENT, "").replace(/^import .*$/gm, "");
  const literals = [...code.matchAll(LITERAL)].map(([literal]) => literal.slice(1, -1));
  const found = literals.filter((literal) => TEXT.test(literal) && !ALLOWED.test(literal));
  return [...found, ...[...code.matchAll(ATTRIBUTE)].map(([match]) => match)];
}

describe("texts of the page", () => {
  it("are in the catalogue only", () => {
    const elsewhere = sources.flatMap((file) =>
      textsIn(readFileSync(path.join(root, file), "utf8")).map((text) => `${file}: ${text}`),
    );
    assert.deepEqual(elsewhere, []);
  });

  for (const file of ["index.html", "neutral.html"])
    it(`are filled into ${file} by the build`, () => {
      const html = readFileSync(path.join(root, "web", file), "utf8");
      const body = html.replace(/<[^>]*>/g, " ").replace(/\{\{\w+\}\}/g, "");
      assert.match(body, /^\s*$/);
      assert.doesNotMatch(html, /(aria-label|title|placeholder|alt)="(?!\{\{)/);
    });

  it("are recognised by the patterns of this test", () => {
    for (const text of [
      'element("b", {}, "Leave party")',
      'setText(node, "looking…")',
      '{ "aria-label": "back" }',
      "f(`Kick player`)",
    ])
      assert.equal(textsIn(text).length, 1, text);
    assert.deepEqual(textsIn('// "Some text."\nelement("li", { class: own ? "plate own" : "plate" })'), []);
  });
});
