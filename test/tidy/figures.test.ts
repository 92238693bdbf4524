/** Holds every figure of the documents to bench/RESULTS.md, and asks of every other number with a unit where it comes from. */
import assert from "node:assert/strict";
import { DOCUMENTS, readDocument, readResults } from "../../bench/figures/documents.ts";
import { fillIn, withoutFigures } from "../../bench/figures/fillIn.ts";
import { STATED } from "./statedFigures.ts";

const UNITS = "µs|ns|ms|s|h|B|bytes|KB|KiB|MB|MiB|GB|GiB|TB|%|×|Hz|ms/s|µs/s|[a-zA-Z]+/s|Mbit/s|dollars";
/** A number with a unit, money, or a fraction that is no version. */
const FIGURE = new RegExp(
  `[$€] ?\\d[\\d.,]*|(?<![\\w.,/-])\\d[\\d.,]* ?(?:${UNITS})(?![\\w/-])|(?<![\\w./:-])\\d+\\.\\d{2,}(?![\\w.])`,
  "g",
);

/** What is told to a reader: no code, no comments, no targets of links. */
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
    it(`${file} states what bench/RESULTS.md says; else: npm run docs:figures`, () => {
      const text = readDocument(file);
      assert.equal(text, fillIn(text, readResults()));
    });

    it(`${file} states no measurement outside the marks of bench/figures/fillIn.ts`, () => {
      // A limit, a setting or a goal goes into statedFigures.ts, a measurement between marks.
      const stated = STATED[file] ?? {};
      const strange = figuresIn(readDocument(file)).filter((figure) => stated[figure] === undefined);
      assert.deepEqual(strange, []);
    });
  }

  it("asks no benchmark that was run for a row that it does not have", () => {
    const results = readResults();
    const missing: string[] = [];
    for (const file of DOCUMENTS) fillIn(readDocument(file), results, (what) => missing.push(`${file}: ${what}`));
    const ran = [...results.runs.keys()];
    assert.deepEqual(
      missing.filter((what) => ran.some((bench) => what.includes(`: ${bench} /`))),
      [],
    );
  });

  it("lists no limit, setting or goal that no document states", () => {
    const idle = Object.entries(STATED).flatMap(([file, figures]) => {
      const there = new Set(figuresIn(readDocument(file)));
      return Object.keys(figures)
        .filter((figure) => !there.has(figure))
        .map((figure) => `${file}: ${figure}`);
    });
    assert.deepEqual(idle, []);
  });

  it("finds a measurement that somebody writes down by hand", () => {
    assert.deepEqual(figuresIn("It takes 4.6 µs, 17 % of it, 1,200 events/s, $3 or 0.442; Node 24, Colyseus 0.18."), [
      ...["4.6 µs", "17 %", "1,200 events/s", "$3", "0.442"],
    ]);
  });
});
