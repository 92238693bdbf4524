import assert from "node:assert/strict";
import { SlowSteps } from "../../../src/main/game/SlowSteps.ts";

describe("slow steps", () => {
  let now = 0;
  let logged: [Record<string, unknown>, string][] = [];
  let slow: SlowSteps;
  beforeEach(() => {
    [now, logged] = [0, []];
    const log = { warn: (fields: object, line: string) => void logged.push([{ ...fields }, line]) };
    slow = new SlowSteps({ tickRate: 20, log, now: () => now });
  });

  const room = (game: string, tick: number) => ({ game, mode: "duel", about: { roomId: "r", matchId: "m", tick } });

  it("are those that take at least half of a tick", () => {
    assert.deepEqual(
      [0, 10, 24.9, 25, 80].map((ms) => slow.add(room("tag", 1), ms)),
      [false, false, false, true, true],
    );
  });

  it("are logged with game, room, match, tick, duration and share of the tick", () => {
    slow.add(room("tag", 12), 30);
    assert.deepEqual(logged, [
      [
        { ...{ game: "tag", mode: "duel", roomId: "r", matchId: "m", tick: 12 }, ms: 30, tickShare: 0.6 },
        "tag, step at tick 12: took 30 ms, 60 % of a tick, expected less than 50 %; do less in a step, or spread the work over several ticks",
      ],
    ]);
  });

  it("are logged once a minute for each game, those longer than a tick apart from the others", () => {
    for (let tick = 0; tick < 100; tick++) for (const game of ["tag", "race"]) slow.add(room(game, tick), 30);
    slow.add(room("tag", 100), 80);
    assert.deepEqual(
      logged.map(([{ game, ms }]) => [game, ms]),
      [["tag", 30], ["race", 30], ["tag", 80]], // biome-ignore format: one row
    );
    now = 60_000;
    slow.add(room("tag", 101), 30);
    assert.equal(logged.at(-1)![0].omitted, 99);
  });
});
