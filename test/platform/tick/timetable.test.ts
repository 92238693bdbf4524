import assert from "node:assert/strict";
import fc from "fast-check";
import { BEHIND_MAX, GAP_MIN, Timetable } from "../../../src/platform/tick/Timetable.ts";

const INTERVAL = 50;

/** Steps every room that is due at `now`, and returns the rooms in the order of their steps. */
function stepDue(table: Timetable<string>, now: number): string[] {
  const stepped = [];
  for (let entry = table.due(now); entry !== null; entry = table.due(now)) {
    table.markStepped(entry, now);
    stepped.push(entry.room);
  }
  return stepped;
}

describe("timetable", () => {
  it("spreads the phases: no two of n rooms are closer than half of interval / n", () => {
    for (const rooms of [1, 2, 3, 7, 16, 50]) {
      const table = new Timetable<string>(INTERVAL);
      const phases = Array.from({ length: rooms }, (_, i) => table.add(`${i}`, 1234.5 + i * 7.3).deadline % INTERVAL);
      phases.sort((a, b) => a - b);
      const gaps = phases.map((phase, i) => (i + 1 < rooms ? phases[i + 1] : phases[0] + INTERVAL) - phase);
      assert.ok(Math.min(...gaps) >= INTERVAL / rooms / 2 - 1e-6, `${rooms} rooms: ${Math.min(...gaps)} ms`);
    }
  });

  it("keeps absolute deadlines: lateness of single steps never adds up", () => {
    const table = new Timetable<string>(INTERVAL);
    const entry = table.add("a", 0);
    const first = entry.deadline;
    for (let step = 0; step < 1000; step++) table.markStepped(entry, first + step * INTERVAL + (step % 3));
    assert.equal(entry.deadline, first + 1000 * INTERVAL);
  });

  it("measures lateness against the deadline, and never below zero", () => {
    const table = new Timetable<string>(INTERVAL);
    const entry = table.add("a", 0);
    assert.equal(table.markStepped(entry, entry.deadline + 7), 7);
    assert.equal(table.markStepped(entry, entry.deadline - 0.4), 0);
  });

  it("steps a room once after a stall of any length, and drops and counts the steps that it is too far behind", () => {
    const table = new Timetable<string>(INTERVAL);
    const entry = table.add("a", 0);
    const now = entry.deadline + 100 * INTERVAL;
    assert.deepEqual(stepDue(table, now), ["a"]);
    assert.ok(entry.deadline > now - BEHIND_MAX * INTERVAL, "further behind than allowed");
    assert.equal(
      table.dropped,
      101 - 1 - BEHIND_MAX,
      "101 steps were due, one was made, and BEHIND_MAX can still be made",
    );
    assert.equal(table.nextAt(), now + INTERVAL * GAP_MIN);
  });

  it("steps the room that has waited longest first", () => {
    const table = new Timetable<string>(INTERVAL);
    const a = table.add("a", 0);
    const b = table.add("b", 0);
    const order = a.deadline < b.deadline ? ["a", "b"] : ["b", "a"];
    assert.deepEqual(stepDue(table, 10 * INTERVAL), order);
  });

  it("never steps a room twice within 80 % of the interval, and returns to its deadlines, whatever the delays", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { maxLength: 60 }), (delays) => {
        const table = new Timetable<string>(INTERVAL);
        const entry = table.add("a", 0);
        const phase = entry.deadline % INTERVAL;
        let last = Number.NEGATIVE_INFINITY;
        for (const delay of [...delays, ...Array.from({ length: 30 }, () => 0)]) {
          const now = table.nextAt() + delay;
          assert.equal(table.due(now), entry);
          assert.ok(now - last >= INTERVAL * GAP_MIN - 1e-9, `${now - last} ms`);
          table.markStepped(entry, now);
          last = now;
        }
        const off = Math.abs(((entry.deadline % INTERVAL) - phase + INTERVAL) % INTERVAL);
        assert.ok(Math.min(off, INTERVAL - off) < 1e-6, "left its grid");
        assert.ok(entry.deadline >= last, "did not catch up");
      }),
    );
  });
});
