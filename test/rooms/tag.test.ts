/** The rooms work with any game, not only the arena: here with tag. */
import assert from "node:assert/strict";
import { tag } from "../tag/tag.ts";
import { Host, play, until } from "./Host.ts";
import { assertRecordingHolds } from "./resimulate.ts";

describe("a second game in the same room", () => {
  const host = new Host();
  before(() => host.start({ games: [tag] }, ["--tick-rate", "60"]));
  after(() => host.stop());

  it("plays to its end with players and bots, and its recording re-simulates to the same hashes", async () => {
    const room = await host.join("tag", { mode: "crowd" });
    const messages: any[] = [];
    room.onMessage("facts", (message) => messages.push(message));
    play(room, (data, state) => {
      const me = state.players.get(room.sessionId);
      const prey = [...state.players.values()].find((player: any) => player.playerId !== me?.playerId);
      if (me === undefined || prey === undefined) return;
      data.dx = Math.sign(prey.x - me.x) * 127;
      data.dy = Math.sign(prey.y - me.y) * 127;
    });
    await until(room, (state) => state.phase === "ended");
    const match = host.match(room);
    assertRecordingHolds(tag, match);
    const tags = match.records.filter(({ facts }) => (facts?.length ?? 0) > 0);
    assert.ok(tags.length > 0, "nobody was caught");
    assert.deepEqual(
      messages.map(({ tick }) => tick),
      tags.map(({ tick }) => tick),
    );
    assert.deepEqual(Object.keys(messages[0].facts[0]), ["t", "tagger", "tagged", "x", "y"]);
  });
});
