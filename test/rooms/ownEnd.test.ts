/** A match of a game with several maps and an end reason of its own, from its creation to its last record. */
import assert from "node:assert/strict";
import { Match } from "../../rooms/match/Match.ts";
import { defineGame } from "../../src/game/defineGame.ts";
import type { Game } from "../../src/game/Game.ts";
import { mapOf } from "../../src/game/maps.ts";
import type { TickRecord } from "../../src/game/TickEvents.ts";
import { seedOf } from "../arena/match.ts";
import { caught } from "../tag/caught.ts";

/** Plays a match of two bots to its end, and returns its records. */
function play(game: Game, seed: string): TickRecord[] {
  const records: TickRecord[] = [];
  const match = new Match({
    ...{ game, mode: "pair", matchId: "m", region: "local", source: "private", tickRate: 20, seed, at: 0 },
    ...{
      algorithm: "elo",
      record: (record: TickRecord) => records.push({ ...record, matchEvents: [...record.matchEvents] }),
    },
    weigh: () => ({ estimate: 1, exact: Promise.resolve(1) }),
  });
  const known = { rating: 1500, games: 3, deviation: null, isRatable: true };
  match.seats.seatPlayer({ sessionId: "s", playerId: "p", name: "p", ...known }, null, false);
  for (let tick = 0; !match.isOver; tick++) {
    assert.ok(tick < 2000, "the match does not end");
    match.step(0, 0);
  }
  return records;
}

describe("a match of a game with maps and end reasons of its own", () => {
  it("is played on the map that its seed chooses, which is recorded", () => {
    const maps = new Set<string>();
    for (let n = 0; n < 12; n++) {
      const [{ setup, matchEvents }] = play(caught, seedOf(n));
      const map = mapOf(caught, "pair", seedOf(n));
      assert.equal(setup!.map, map);
      assert.equal(matchEvents[0].kind === "created" && matchEvents[0].map, map);
      maps.add(map);
    }
    assert.deepEqual([...maps].sort(), ["field", "hall"], "the maps of the mode, not all of the game");
  });

  it("ends for this reason", () => {
    const [ended] = play(caught, seedOf(1)).at(-1)!.matchEvents;
    assert.equal(ended.kind === "ended" && ended.reason, "caught");
  });

  it("ends as aborted by fault of the game if it does not declare the reason", () => {
    const undeclared = defineGame({ ...caught, endReasons: [] });
    assert.throws(() => play(undeclared, seedOf(1)), /endReason is "caught", expected one of "score"/);
  });
});
