/** A match whose steps are slow continues, and the steps are reported. */
import assert from "node:assert/strict";
import { PERSON } from "../../src/game/Frames.ts";
import { tag } from "../tag/tag.ts";
import { Host, until } from "./Host.ts";

// The warm-up traps `performance.now`.
const now = performance.now.bind(performance);

describe("a step that takes long", function () {
  this.timeout(30_000);
  const host = new Host();
  after(() => host.stop());

  it("is reported, and its match continues", async () => {
    const slowAt = new Map([[20, 30], [30, 80]]); // biome-ignore format: tick and ms
    const step: typeof tag.step = (world, frames) => {
      const ms = frames.holder.includes(PERSON) ? (slowAt.get(tag.status(world).tick) ?? 0) : 0;
      for (const end = now() + ms; now() < end; );
      tag.step(world, frames);
    };
    await host.start({ games: [{ ...tag, step }] });
    const room = await host.join("tag", { mode: "pair" });
    await until(room, ({ tick }) => tick > 45);
    const lines = host.logged.map((line) => JSON.parse(line)).filter(({ tickShare }) => tickShare !== undefined);
    for (const [tick, ms] of slowAt) {
      const { msg, matchId, roomId, tickShare } =
        lines.find((line) => line.tick === tick + 1) ?? assert.fail(`${tick}`);
      assert.deepEqual([matchId, roomId], [room.state.matchId, room.roomId]);
      assert.ok(tickShare >= ms / 50);
      assert.match(
        msg,
        /^tag, step at tick \d+: took \d+ ms, \d+ % of a tick, expected less than 50 %; do less in a step/,
      );
    }
    await room.leave();
  });
});
