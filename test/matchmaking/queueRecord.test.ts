import assert from "node:assert/strict";
import { bestAt, mostMissed, passesOf } from "./queueRecord.ts";

const START = 1_700_000_000_000;
const entry = (id: string, rating: number, enteredAt = START) => ({
  ...{ id, enteredAt, players: [{ playerId: `player-${id}`, rating }] },
});
const line = (ms: number, waiting: object[], found: string[][][], pool = "duel|elo|local|1") => ({
  ...{ msg: "pairing pass", pool, now: START + ms, waiting, found },
});
const [a, b, c, d] = [entry("a", 1500), entry("b", 1510), entry("c", 1590), entry("d", 1700)];

describe("the record of pairing passes", () => {
  it("contains each pass of the mode in order, with the waiting entries by rating and the matches found", () => {
    const lines = [
      line(500, [c, a], [[["a"], ["c"]]]),
      line(0, [b, a], []),
      line(0, [d], [], "squad|elo|local|1"),
      { msg: "Hypogeum is ready" },
    ];
    const passes = passesOf(lines, "duel").map(({ now, waiting, found }) => ({
      now: now - START,
      waiting: waiting.map(({ id }) => id),
      found: found.map((some) => some.flatMap(({ players }) => players)),
    }));
    assert.deepEqual(passes, [
      { now: 0, waiting: ["a", "b"], found: [] },
      { now: 500, waiting: ["a", "c"], found: [["player-a", "player-c"]] },
    ]);
  });

  it("gives a party the mean rating of its players", () => {
    const players = [1500, 1501, 1600].map((rating, at) => ({ playerId: `p${at}`, rating }));
    const [{ waiting }] = passesOf([line(0, [{ id: "a", enteredAt: START, players }], [])], "duel");
    assert.equal(waiting[0].rating, 1534);
  });

  it("contains the best possible pairs of the waiting entries", () => {
    const [pass] = passesOf([line(0, [a, b, c, d], [])], "duel");
    assert.deepEqual(bestAt(pass), { pairs: 1, cost: 10 });
    const [later] = passesOf([line(1000, [a, b, c, d], [])], "duel");
    assert.deepEqual(bestAt(later), { pairs: 2, cost: 120 });
  });

  it("counts the passes in which two entries suited each other but neither got a match", () => {
    const all = [a, c, d];
    const none = line(0, all, []);
    assert.equal(mostMissed(passesOf([none, line(500, all, [[["a"], ["c"]]])], "duel")), 1);
    assert.equal(mostMissed(passesOf([none, line(500, all, []), line(1000, [c, d], [])], "duel")), 2);
    assert.equal(mostMissed(passesOf([line(0, [a, d], []), line(500, [a, c], [[["a"], ["c"]]])], "duel")), 0);
  });
});
