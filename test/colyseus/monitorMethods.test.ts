import assert from "node:assert/strict";
import { Room } from "@colyseus/core";
import { MONITOR_KICK, monitorMethods } from "../../src/platform/adapters/colyseus/monitorMethods.ts";

describe("the monitor", () => {
  before(() => import("@colyseus/monitor"));

  it("adds to rooms a method that removes one client, by session id, and does nothing to the others", async () => {
    const left: string[] = [];
    const clients = ["a", "b"].map((sessionId) => ({ sessionId, leave: () => left.push(sessionId) }));
    await (Room.prototype as any)[MONITOR_KICK].call({ clients }, "b");
    assert.deepEqual(left, ["b"]);
  });

  it("can call each listed method of every room", () => {
    const missing = [...monitorMethods.keys()].filter(
      (method) => typeof (Room.prototype as any)[method] !== "function",
    );
    assert.deepEqual(missing, []);
  });
});
