import assert from "node:assert/strict";
import { closeCodes } from "../../schema/codes.ts";
import type { TagWorld } from "../tag/TagWorld.ts";
import { tag } from "../tag/tag.ts";
import { closed, Host, until } from "./Host.ts";

describe("a room that fails", () => {
  let broken: TagWorld | null = null;
  const game: typeof tag = {
    ...tag,
    rules: { ...tag.rules, playMs: 600_000 },
    step: (world, frames) => {
      if (world === broken) throw new Error("the rules do not hold");
      return tag.step(world, frames);
    },
    result: (world) => {
      if (world === broken) throw new Error("nor does the result");
      return tag.result(world);
    },
  };
  const host = new Host();
  before(() => host.start({ games: [game] }));
  afterEach(() => host.leaveAll());
  after(() => host.stop());

  it("is closed and logged with seed and tick if its step throws, ends its record, and affects no other room", async () => {
    const room = await host.join("tag", { mode: "pair" });
    const other = await host.join("tag", { mode: "crowd" });
    await until(room, (state) => state.phase === "playing");
    const end = closed(room);
    const match = host.match(room);
    broken = host.local(room).match.world;
    assert.equal((await end).code, closeCodes.MATCH_ABORTED.code);

    const last = match.records.at(-1)!;
    assert.deepEqual(
      last.matchEvents.map((event) => event.kind === "ended" && event.reason),
      ["aborted"],
    );
    assert.ok(match.closed);
    const line = host.logged.map((text) => JSON.parse(text)).find(({ msg }) => /step failed; match aborted/.test(msg));
    assert.equal(line.seed, match.records[0].setup!.seed);
    assert.equal(line.matchId, match.identity.matchId);
    assert.equal(typeof line.tick, "number");
    assert.equal(line.err.message, "the rules do not hold");

    const { tick } = other.state;
    await until(other, (state) => state.tick > tick + 20);
    assert.ok(other.connection.isOpen);
  });

  it("ends every match as aborted when its records cannot be stored", async () => {
    broken = null;
    const rooms = [await host.join("tag", { mode: "pair" }), await host.join("tag", { mode: "crowd" })];
    for (const room of rooms) await until(room, (state) => state.phase === "playing");
    const matches = rooms.map((room) => host.match(room));
    const ends = Promise.all(rooms.map(closed));
    for (const listener of [...host.tickEvents.abortListeners]) listener();
    for (const { code } of await ends) assert.equal(code, closeCodes.MATCH_ABORTED.code);
    for (const { records, closed } of matches) {
      assert.ok(closed);
      assert.equal((records.at(-1)!.matchEvents[0] as { reason?: string }).reason, "aborted");
    }
    assert.equal(host.tickEvents.abortListeners.size, 0);
  });
});
