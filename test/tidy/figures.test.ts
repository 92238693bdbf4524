/**
 * Compares every figure of the documents with bench/RESULTS.md, and requires an explanation of every other number with a unit.
 */
import assert from "node:assert/strict";
import { DOCUMENTS, readDocument, readResults } from "../../bench/figures/documents.ts";
import { fillIn, withoutFigures } from "../../bench/figures/fillIn.ts";
import { STATED } from "./statedFigures.ts";

const UNITS = "µs|ns|ms|s|h|B|bytes|KB|KiB|MB|MiB|GB|GiB|TB|%|×|Hz|ms/s|µs/s|[a-zA-Z]+/s|Mbit/s|dollars";
/** A number with a unit, a price, or a fraction that is not a version. */
const FIGURE = new RegExp(
  `[$€] ?\\d[\\d.,]*|(?<![\\w.,/-])\\d[\\d.,]* ?(?:${UNITS})(?![\\w/-])|(?<![\\w./:-])\\d+\\.\\d{2,}(?![\\w.])`,
  "g",
);

/** The text that a reader sees: without code, comments and link targets. */
function prose(text: string): string {
  return withoutFigures(text)
    .replace(/```[\s\S]*?```/g, "")
    .replace(/^ {4}.*$/gm, "")
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/`[^`\n]*`/g, "")
    .replace(/\]\([^)]*\)/g, "]");
}

const figuresIn = (text: string): string[] => [...prose(text).matchAll(FIGURE)].map(([figure]) => figure.trim());

describe("figures in the documents", () => {
  for (const file of DOCUMENTS) {
    it(`${file} has the figures of bench/RESULTS.md; to update them: npm run docs:figures`, () => {
      const text = readDocument(file);
      assert.equal(text, fillIn(text, readResults()));
    });

    it(`${file} has every measurement between \`<!-- bench: … -->\` comments`, () => {
      // To fix: list a limit, setting or goal in statedFigures.ts; put a measurement between marks.
      const stated = STATED[file] ?? {};
      const unexplained = figuresIn(readDocument(file)).filter((figure) => stated[figure] === undefined);
      assert.deepEqual(unexplained, []);
    });
  }

  it("every row that the documents use exists in its benchmark's results", () => {
    const results = readResults();
    const missing: string[] = [];
    for (const file of DOCUMENTS) fillIn(readDocument(file), results, (what) => missing.push(`${file}: ${what}`));
    const ran = [...results.runs.keys()];
    assert.deepEqual(
      missing.filter((what) => ran.some((bench) => what.includes(`: ${bench} /`))),
      [],
    );
  });

  it("every number in statedFigures.ts occurs in its document", () => {
    const unused = Object.entries(STATED).flatMap(([file, figures]) => {
      const present = new Set(figuresIn(readDocument(file)));
      return Object.keys(figures)
        .filter((figure) => !present.has(figure))
        .map((figure) => `${file}: ${figure}`);
    });
    assert.deepEqual(unused, []);
  });

  it("finds a measurement that was written by hand", () => {
    assert.deepEqual(figuresIn("It takes 4.6 µs, 17 % of it, 1,200 events/s, $3 or 0.442; Node 24, Colyseus 0.18."), [
      ...["4.6 µs", "17 %", "1,200 events/s", "$3", "0.442"],
    ]);
  });
});
