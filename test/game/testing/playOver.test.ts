/** Real clients of the stock SDK play a match to its end. */
import assert from "node:assert/strict";
import { playOver } from "../../../src/game/testing/playOver.ts";
import { Host } from "../../rooms/Host.ts";
import { tag } from "../../tag/tag.ts";

describe("playOver", () => {
  const host = new Host();
  before(() => host.start({ games: [tag] }));
  after(() => host.stop());

  it("plays one match with a client in each seat, and returns what each has received", async () => {
    const { matchId, clients } = await playOver(host.url, tag, {
      mode: "pair",
      play: (state, sessionId, client) =>
        state.players.has(sessionId) ? { dx: client === 0 ? 127 : -127 } : undefined,
    });
    const match = host.tickEvents.matches.find(({ identity }) => identity.matchId === matchId)!;
    assert.equal(clients.length, 2);
    const caught = match.records.filter(({ facts }) => (facts?.length ?? 0) > 0).length;
    for (const { sessionId, state, facts } of clients) {
      assert.deepEqual([state.phase, state.matchId, state.players.has(sessionId)], ["ended", matchId, true]);
      assert.equal(facts.length, caught);
    }
    const moved = match.records.some(({ frames }) => frames?.values[0] === 127 && frames.values[3] === -127);
    assert.ok(moved, "frames of both clients were applied");
  });

  it("leaves the other seats to bots", async () => {
    const { clients } = await playOver(host.url, tag, { mode: "pair", clients: 1 });
    assert.deepEqual([...clients[0].state.players.values()].map(({ bot }) => bot).sort(), [false, true]);
  });

  it("rejects at an error of the test's own function, and says what a match that does not end is at", async () => {
    const play = () => assert.fail("my own");
    await assert.rejects(playOver(host.url, tag, { mode: "pair", play }), /my own/);
    await assert.rejects(
      playOver(host.url, tag, { mode: "pair", withinMs: 1500 }),
      /the match did not end in time: it is at tick \d+, phase \w+/,
    );
  });
});
