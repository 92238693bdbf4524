import assert from "node:assert/strict";
import { Room } from "@colyseus/core";
import { MONITOR_KICK } from "../../src/platform/adapters/colyseus/monitorKick.ts";

describe("the monitor", () => {
  it("adds to rooms a method that removes one client, by session id, and does nothing to the others", async () => {
    await import("@colyseus/monitor");
    const left: string[] = [];
    const clients = ["a", "b"].map((sessionId) => ({ sessionId, leave: () => left.push(sessionId) }));
    await (Room.prototype as any)[MONITOR_KICK].call({ clients }, "b");
    assert.deepEqual(left, ["b"]);
  });
});
