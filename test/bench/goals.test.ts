import assert from "node:assert/strict";
import { Results } from "../../bench/figures/Results.ts";
import { sectionOf } from "../../bench/figures/section.ts";
import { type Goal, goalRow, isMet, rowOf } from "../../bench/Row.ts";

const row = (goal: Goal) => rowOf("cost", "µs", 8, "a peer", 10, "a note", [goal]);

describe("the goal of a benchmark", () => {
  it("is a limit of the figure or of the ratio to the peer", () => {
    const goals = [
      { of: "figure", atMost: 8 },
      { of: "figure", atMost: 7 },
      { of: "figure", atLeast: 9 },
      { of: "ratio", atMost: 0.8 },
      { of: "ratio", atLeast: 0.9 },
    ] as const;
    assert.deepEqual(
      goals.map((goal) => isMet(row(goal), goal)),
      [true, false, false, true, false],
    );
  });

  it("is missed by a figure that could not be measured", () => {
    const unmeasured = goalRow("cost", "µs", null, { atMost: 7 }, "");
    assert.equal(isMet(unmeasured, unmeasured.goals![0]), false);
    assert.match(sectionOf("it", null, [unmeasured]), /\| NaN µs \|.* missed \|/);
  });

  it("is in the note of its row, with whether it was met", () => {
    const rows = [row({ of: "figure", atMost: 8 }), row({ of: "ratio", atLeast: 0.9 }), rowOf("x", "s", 1, "y", 2, "")];
    const { rows: written } = new Results(sectionOf("it", null, rows));
    assert.deepEqual(
      written.map(({ note }) => note),
      ["a note; goal: at most 8 µs, met", "a note; goal: ratio at least 0.9, missed", ""],
    );
  });
});

describe("the section of a benchmark", () => {
  it("says above the table what is compared, and still has a readable table", () => {
    const text = sectionOf("it", "Both store\nthe same rows.", [rowOf("cost", "µs", 8, "a peer", 10, "")]);
    assert(text.startsWith("## it\n\nBoth store\nthe same rows.\n\n"));
    const results = new Results(text);
    assert.match(results.runs.get("it")!, /UTC; /);
    assert.equal(results.find("it", "cost")?.peerFigure.text, "10 µs");
  });
});
