import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { ClosablePresence } from "../../src/platform/adapters/colyseus/ClosablePresence.ts";
import { eventually } from "./PlainServer.ts";

describe("ClosablePresence", () => {
  it("ends both connections of a Redis presence, and ignores errors", async () => {
    const pub = new Redis({ lazyConnect: true });
    const presence = new ClosablePresence(pub) as any;
    assert.equal(presence.pub, pub);
    assert.ok(presence.sub instanceof Redis);
    assert.notEqual(presence.sub, pub);
    const story: [what: string, connection: unknown][] = [];
    for (const connection of [presence.sub, presence.pub]) {
      connection.disconnect();
      connection.disconnect = () => story.push(["disconnect", connection]);
      connection.quit = () => {
        story.push(["quit", connection]);
        return Promise.reject(new Error("unavailable"));
      };
    }
    presence.sub.status = "reconnecting";
    presence.pub.status = "ready";
    presence.shutdown();
    // An unhandled rejection would fail the test.
    await new Promise(setImmediate);
    const { sub } = presence;
    assert.deepEqual(story, [
      ["disconnect", sub],
      ["quit", pub],
      ["disconnect", pub],
    ]);
  });

  it("requests all subscriptions again on a new connection, and after one was refused", async () => {
    const presence = new ClosablePresence(new Redis({ lazyConnect: true })) as any;
    const { sub } = presence;
    sub.disconnect();
    const requested: string[][] = [];
    let refusal: Error | null = new Error("NOPERM");
    sub.subscribe = async (...topics: string[]) => {
      requested.push(topics);
      if (refusal !== null) throw refusal;
    };
    await assert.rejects(
      presence.subscribe("a", () => {}),
      /NOPERM/,
    );
    assert.equal(presence.subscriptionError, refusal);
    refusal = null;
    await presence.subscribe("b", () => {});
    assert.notEqual(presence.subscriptionError, null);
    await eventually(() => presence.subscriptionError === null);
    sub.emit("ready");
    assert.deepEqual(requested, [["a"], ["b"], ["a", "b"], ["a", "b"]]);
    sub.disconnect = () => {};
    presence.pub.status = "end";
    presence.shutdown();
  });
});
