import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { SharedPresence } from "../../src/matchmaking/roomDriver/SharedPresence.ts";
import { findFreePort } from "../../tools/services/ports.ts";
import { useServices } from "../tools/services/useServices.ts";

describe("the shared presence", () => {
  const services = useServices("redis");

  it("separates the messages, counters and keys of namespaces", async () => {
    const [ours, theirs] = [services().namespace(), services().namespace()];
    const listener = { failed: (_operation: string, error: unknown) => assert.fail(error as Error), succeeded() {} };
    const [a, b, other] = [ours, ours, theirs].map(
      (namespace) => new SharedPresence(services().env.REDIS_URL, namespace, listener),
    );
    const redis = new Redis(services().admin.REDIS_URL);
    try {
      const received: unknown[] = [];
      const delivered = Promise.withResolvers<void>();
      await other.subscribe("p:1", (data: unknown) => received.push(["other", data]));
      await b.subscribe("p:1", (data: unknown) => {
        received.push(["b", data]);
        delivered.resolve();
      });
      await a.publish("p:1", { rooms: 3 });
      await delivered.promise;
      assert.deepEqual(received, [["b", { rooms: 3 }]]);
      assert.deepEqual([await a.channels("p:*"), await other.channels("p:*")], [["p:1"], ["p:1"]]);
      await b.unsubscribe("p:1");
      assert.deepEqual([await a.channels("p:*"), await other.channels("p:*")], [[], ["p:1"]]);
      await a.hset("roomcount", "A", "1,2");
      assert.equal(await a.hincrbyex("making", "duel", 1, 5), 1);
      await a.setex("swept", "1", 5);
      await a.sadd("set", "x");
      assert.deepEqual(await b.hgetall("roomcount"), { A: "1,2" });
      assert.deepEqual(await other.hgetall("roomcount"), {});
      assert.equal(await other.hincrbyex("making", "duel", 1, 5), 1);
      assert.deepEqual([await b.exists("swept"), await other.exists("swept")], [true, false]);
      const keys = (await redis.keys("*")).filter((key) => key.startsWith(ours));
      assert.deepEqual(keys.sort(), ["making", "roomcount", "set", "swept"].map((key) => ours + key).sort());
    } finally {
      for (const one of [a, b, other]) one.shutdown();
      redis.disconnect();
    }
  });

  it("does not reject calls that the framework does not await while Redis is unavailable", async () => {
    let errors = 0;
    const presence = new SharedPresence(`redis://127.0.0.1:${await findFreePort([])}`, "x-", {
      failed: () => errors++,
      succeeded() {},
    });
    await presence.subscribe("p:1", () => {});
    await presence.publish("p:1", 1);
    await presence.unsubscribe("p:1");
    await presence.hset("roomcount", "A", "1,2");
    await presence.hdel("roomcount", "A");
    assert.equal(await presence.hincrbyex("making", "duel", 1, 5), 1);
    assert.equal(errors, 6);
    await assert.rejects(presence.hgetall("roomcount"));
    presence.shutdown();
  });
});
