/** What the overlay of a match says. */
import assert from "node:assert/strict";
import { hudModel } from "../../web/play/hudModel.ts";

describe("the overlay of a match that waits for players", () => {
  const own = { name: "Ann", role: 0, team: 0, hp: 100, maxHp: 100, alive: true, attackReadyTick: 0, healReadyTick: 0 };
  const room = {
    sessionId: "a",
    state: {
      ...{ phase: "waiting", mode: "duel", tick: 0, tickRate: 20, endsAtTick: 0, teamScores: [0, 0] },
      players: new Map([["a", own]]),
    },
    clock: { serverNow: () => 0, lastServerTime: () => 0, smoothedRtt: () => 20 },
  } as any;
  const sublineIf = (isRanked: boolean) =>
    hudModel(room, own as any, { isRanked, connected: true, wantsScores: false }).subline;

  it("promises bots only where bots fill the free slots: not in a ranked match, which needs all of its players", () => {
    assert.equal(sublineIf(false), "1 player has joined. Bots fill the free slots.");
    assert.equal(sublineIf(true), "1 player has joined. The match starts when all players have joined.");
  });
});
