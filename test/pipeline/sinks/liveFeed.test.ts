import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import {
  comesAfter,
  FIRST_ID,
  isEntryId,
  type LiveFeed,
  type StoredEntry,
} from "../../../src/pipeline/sinks/live/LiveFeed.ts";
import { RedisFeed } from "../../../src/pipeline/sinks/live/RedisFeed.ts";
import { RingFeed } from "../../../src/pipeline/sinks/live/RingFeed.ts";
import { RedisServers } from "../../platform/redis/RedisServers.ts";
import { useServices } from "../../tools/services/useServices.ts";

const ENTRIES_MAX = 50;
const entries = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => ({ event: "kill", data: JSON.stringify({ n: from + at }) }));
const numbers = (stored: readonly StoredEntry[]) => stored.map(({ data }) => JSON.parse(data).n as number);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

function liveFeedContract(name: string, open: () => LiveFeed): void {
  describe(name, () => {
    let feed: LiveFeed;
    beforeEach(() => {
      feed = open();
    });
    afterEach(() => feed.close());

    it("adds entries and moves the cursor together, and only from its current value", async () => {
      assert.equal(await feed.cursor("a/0"), null);
      assert.equal(await feed.append("a/0", null, "10", entries(0, 2)), true);
      assert.equal(await feed.append("a/0", null, "20", entries(2, 4)), false);
      assert.equal(await feed.append("a/0", "9", "20", entries(2, 4)), false);
      assert.equal(await feed.append("a/1", null, "5", entries(4, 5)), true);
      assert.equal(await feed.append("a/0", "10", "20", []), true);
      assert.equal(await feed.cursor("a/0"), "20");
      assert.equal(await feed.cursor("a/1"), "5");
      assert.deepEqual(numbers(await feed.readAfter(FIRST_ID, 100)), [0, 1, 4]);
    });

    it("publishes without a cursor, in order, and stores the receiver of an entry", async () => {
      const received = Promise.withResolvers<readonly StoredEntry[]>();
      const leave = await feed.subscribe(
        (stored) => stored.some(({ event }) => event === "own") && received.resolve(stored),
      );
      await feed.append("a/0", null, "1", entries(0, 1));
      await feed.publish([{ event: "own", to: "p1", data: JSON.stringify({ n: 1 }) }]);
      await feed.publish([]);
      await feed.append("a/0", "1", "2", entries(2, 3));
      assert.equal((await received.promise).find(({ event }) => event === "own")?.to, "p1");
      const all = await feed.readAfter(FIRST_ID, 100);
      assert.deepEqual(numbers(all), [0, 1, 2]);
      assert.deepEqual(
        all.map(({ to }) => to),
        [undefined, "p1", undefined],
      );
      leave();
    });

    it("accepts one of many appends from the same cursor", async () => {
      const outcomes = await Promise.all(range(0, 16).map((n) => feed.append("a/0", null, `${n}`, entries(n, n + 1))));
      assert.equal(outcomes.filter(Boolean).length, 1);
      assert.deepEqual(numbers(await feed.readAfter(FIRST_ID, 100)), [outcomes.indexOf(true)]);
    });

    it("gives increasing ids, and reads from after any of them", async () => {
      for (let at = 0; at < 20; at++)
        await feed.append("a/0", at === 0 ? null : `${at}`, `${at + 1}`, entries(at, at + 1));
      const all = await feed.readAfter(FIRST_ID, 100);
      for (const [at, { id }] of all.entries()) {
        assert(isEntryId(id));
        assert(at === 0 || comesAfter(id, all[at - 1].id));
      }
      assert.deepEqual(numbers(await feed.readAfter(all[9].id, 3)), [10, 11, 12]);
      assert.deepEqual(await feed.readAfter(all[19].id, 3), []);
    });

    it("keeps no more entries than its limit", async () => {
      await feed.append("a/0", null, "1", entries(0, 30));
      await feed.append("a/0", "1", "2", entries(30, 80));
      assert.deepEqual(numbers(await feed.readAfter(FIRST_ID, 1000)), range(30, 80));
      await feed.append("a/0", "2", "3", entries(80, 500));
      assert.deepEqual(numbers(await feed.readAfter(FIRST_ID, 1000)), range(450, 500));
    });

    it("sends every subscriber the entries added from then on, in order, until it unsubscribes", async () => {
      await feed.append("a/0", null, "1", entries(0, 5));
      const received: number[][] = [[], []];
      const done = received.map(() => Promise.withResolvers<void>());
      const leaves = await Promise.all(
        received.map((list, index) =>
          feed.subscribe((stored) => {
            list.push(...numbers(stored));
            if (list.at(-1) === 39) done[index].resolve();
          }),
        ),
      );
      for (let at = 5; at < 40; at += 5) await feed.append("a/0", `${at / 5}`, `${at / 5 + 1}`, entries(at, at + 5));
      await Promise.all(done.map(({ promise }) => promise));
      for (const list of received) assert.deepEqual(list, range(5, 40));
      leaves[0]();
      const more = Promise.withResolvers<void>();
      const leave = await feed.subscribe(() => more.resolve());
      await feed.append("a/0", "8", "9", entries(40, 41));
      await more.promise;
      assert.deepEqual(received[0], range(5, 40));
      leave();
      leaves[1]();
      leaves[1]();
    });

    it("removes entries and cursors when it is cleared", async () => {
      await feed.append("a/0", null, "1", entries(0, 5));
      await feed.clear();
      assert.equal(await feed.cursor("a/0"), null);
      assert.deepEqual(await feed.readAfter(FIRST_ID, 10), []);
    });
  });
}

describe("the live feed", () => {
  let nowMs = 1_700_000_000_000;
  liveFeedContract(
    "a ring in memory",
    () => new RingFeed({ entriesMax: ENTRIES_MAX, now: () => (nowMs += 0.25) && Math.floor(nowMs) }),
  );

  describe("with the services", () => {
    const services = useServices("redis");
    liveFeedContract(
      "a stream in Redis",
      () =>
        new RedisFeed({ url: services().env.REDIS_URL, namespace: services().namespace(), entriesMax: ENTRIES_MAX }),
    );

    it("reports in one line that no Redis answers", async () => {
      const feed = new RedisFeed({ url: "redis://:secret@127.0.0.1:1", namespace: "" });
      await assert.rejects(feed.cursor("a/0"), /^Error: REDIS_URL: no Redis answers at 127\.0\.0\.1:1$/);
      assert.equal(feed.problem(), "REDIS_URL: no Redis answers at 127.0.0.1:1");
      await feed.close();
    });

    it("reports why its listeners receive nothing, although other calls succeed, until they receive again", async () => {
      const admin = new Redis(services().admin.REDIS_URL);
      const name = services().namespace();
      const url = Object.assign(new URL(services().admin.REDIS_URL), { username: name, password: "secret" });
      await admin.call("ACL", "SETUSER", name, "on", ">secret", "~*", "&*", "+@all", "-xread");
      const feed = new RedisFeed({ url: url.href, namespace: name });
      const received = Promise.withResolvers<number[]>();
      await feed.subscribe((stored) => received.resolve(numbers(stored)));
      while (feed.problem() === null) await delay(10);
      await feed.append("a/0", null, "1", entries(0, 1));
      assert.match(feed.problem() ?? "", /^REDIS_URL: refused by .*NOPERM/);
      await admin.call("ACL", "SETUSER", name, "+xread");
      assert.deepEqual(await received.promise, [0]);
      assert.equal(feed.problem(), null);
      await feed.close();
      await admin.call("ACL", "DELUSER", name);
      await admin.quit();
    });

    it("reports an operation that Redis refuses until that operation succeeds, although others do", async () => {
      const namespace = services().namespace();
      const admin = new Redis(services().admin.REDIS_URL);
      const feed = new RedisFeed({ url: services().env.REDIS_URL, namespace });
      await admin.set(`${namespace}{live}:entries`, "not a stream");
      await assert.rejects(feed.publish(entries(0, 1)), /WRONGTYPE/);
      assert.equal(await feed.cursor("a/0"), null);
      assert.match(feed.problem() ?? "", /^REDIS_URL: [^ ]+: WRONGTYPE /);
      await admin.del(`${namespace}{live}:entries`);
      await feed.publish(entries(0, 1));
      assert.equal(feed.problem(), null);
      admin.disconnect();
      await feed.close();
    });

    describe("whose listener", () => {
      let servers: RedisServers;
      beforeEach(() => {
        servers = new RedisServers();
      });
      afterEach(() => servers.stop());

      /** Subscribes through a proxy, and resolves once the reader waits for entries. */
      async function listen() {
        const port = await servers.start();
        const proxy = await servers.proxy(port);
        const feed = new RedisFeed({ url: proxy.url, namespace: "x" });
        const received = Promise.withResolvers<number[]>();
        await feed.subscribe((stored) => received.resolve(numbers(stored)));
        while (!String(await servers.client(port).client("LIST")).includes("cmd=xread")) await delay(20);
        return { port, proxy, feed, received: received.promise };
      }
      const add = (port: number) =>
        servers.client(port).xadd("x{live}:entries", "*", "event", "kill", "data", '{"n":7}');

      it("is connected to a server that is cut off from its primary: it reads from the new primary", async () => {
        const { port, proxy, feed, received } = await listen();
        const next = await servers.start();
        proxy.target = next;
        await servers.client(port).replicaof("127.0.0.1", "1");
        await add(next);
        assert.deepEqual(await received, [7]);
        await feed.close();
      }).timeout(120_000);

      it("has a connection that is open but dead: it reads on another connection", async () => {
        const { port, proxy, feed, received } = await listen();
        proxy.isBlocked = true;
        proxy.forget();
        while (!(feed.problem() ?? "").startsWith("REDIS_URL: no Redis answers")) await delay(50);
        proxy.isBlocked = false;
        await add(port);
        assert.deepEqual(await received, [7]);
        await feed.close();
      }).timeout(120_000);
    });

    it("is shared by all processes", async () => {
      const options = { url: services().env.REDIS_URL, namespace: services().namespace() };
      const [one, other] = [new RedisFeed(options), new RedisFeed(options)];
      const received = Promise.withResolvers<number[]>();
      await other.subscribe((stored) => received.resolve(numbers(stored)));
      await one.append("a/0", null, "1", entries(0, 3));
      assert.deepEqual(await received.promise, [0, 1, 2]);
      assert.equal(await other.cursor("a/0"), "1");
      await one.close();
      await other.close();
    });
  });
});
