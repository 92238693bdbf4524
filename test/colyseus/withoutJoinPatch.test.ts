import assert from "node:assert/strict";
import { Room } from "@colyseus/core";
import { withoutJoinPatch } from "../../src/platform/adapters/colyseus/withoutJoinPatch.ts";

describe("a change of how rooms let clients join", () => {
  const room = Room.prototype as unknown as { _onJoin: unknown };

  it("is undone, also if the work that made it fails", async () => {
    const before = room._onJoin;
    assert.equal(typeof before, "function");
    const change = () => (room._onJoin = () => {});
    withoutJoinPatch(change);
    assert.equal(room._onJoin, before);
    assert.throws(() =>
      withoutJoinPatch(() => {
        change();
        throw new Error("failed");
      }),
    );
    assert.equal(room._onJoin, before);
  });

  it("is not left behind by the playground", async () => {
    const { playground } = await import("@colyseus/playground");
    const before = room._onJoin;
    withoutJoinPatch(() => playground());
    assert.equal(room._onJoin, before);
  });
});
