import assert from "node:assert/strict";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Redis } from "ioredis";
import { SharedPresence } from "../../../src/matchmaking/roomDriver/SharedPresence.ts";
import { within } from "../../../src/platform/async/waiting.ts";
import { redisLocation } from "../../../src/platform/redis/location.ts";
import { openRedis } from "../../../src/platform/redis/openRedis.ts";
import { RedisServers } from "./RedisServers.ts";

const WRITE = "return redis.call('INCR', KEYS[1])";

describe("a connection to Redis", function () {
  this.timeout(240_000);
  let servers: RedisServers;
  const opened: Redis[] = [];
  const open = (url: string, onReadOnly?: () => void) => {
    const redis = openRedis(url, { onReadOnly });
    opened.push(redis);
    return redis;
  };
  beforeEach(() => {
    servers = new RedisServers();
  });
  afterEach(async () => {
    for (const redis of opened.splice(0)) redis.disconnect();
    await servers.stop();
  });

  /** A replica that follows `primary`, and is up to date. */
  async function replicaOf(primary: number): Promise<number> {
    const replica = await servers.start(["--replicaof", "127.0.0.1", String(primary)]);
    while (!(await servers.client(replica).info("replication")).includes("master_link_status:up")) await delay(50);
    return replica;
  }

  it("is replaced after a failover that leaves it open, and repeats writes, also those of scripts", async () => {
    const [old, next] = [await servers.start(), await servers.start()];
    const proxy = await servers.proxy(old);
    let replaced = 0;
    const redis = open(proxy.url, () => replaced++);
    assert.equal(await redis.incr("n"), 1);
    proxy.target = next;
    await servers.client(old).replicaof("127.0.0.1", String(next));
    const results = await Promise.all([redis.incr("a"), redis.eval(WRITE, 1, "b"), redis.incr("a"), redis.get("n")]);
    assert.deepEqual(results.slice(0, 2), [1, 1]);
    assert.deepEqual([await servers.client(next).get("a"), await servers.client(next).get("b")], ["2", "1"]);
    assert.equal(replaced, 1);
  });

  it("fails with READONLY if there is no primary, and works again once there is one", async () => {
    const port = await servers.start(["--replicaof", "127.0.0.1", "1"]);
    const redis = open(`redis://127.0.0.1:${port}`);
    await assert.rejects(redis.incr("n"), /READONLY/);
    await assert.rejects(redis.eval(WRITE, 1, "n"), /READONLY/);
    await servers.client(port).replicaof("NO", "ONE");
    assert.equal(await redis.incr("n"), 1);
  });

  it("is replaced when it is open but dead, also one that only subscribes", async () => {
    const proxy = await servers.proxy(await servers.start());
    const redis = open(proxy.url);
    const presence = new SharedPresence(proxy.url, "ns-", { failed() {}, succeeded() {} });
    await Promise.all([redis.incr("n"), presence.check("health")]);
    const closed = once(redis, "close");
    proxy.isBlocked = true;
    await closed;
    proxy.isBlocked = false;
    proxy.forget();
    await redis.incr("n");
    for (let isReceived = false; !isReceived; )
      isReceived = await within(1000, presence.check("health"), "late").then(
        () => true,
        () => false,
      );
    presence.shutdown();
  });

  it("follows a failover of Sentinels, whose address names the primary", async () => {
    const primary = await servers.start();
    const replica = await replicaOf(primary);
    const sentinel = await servers.sentinel("main", primary);
    const redis = open(`redis+sentinel://127.0.0.1:1,127.0.0.1:${sentinel}/main/3`);
    assert.equal(await redis.incr("n"), 1);
    assert.equal(redis.options.db, 3);
    while (!String(await servers.client(sentinel).call("SENTINEL", "replicas", "main")).includes(String(replica)))
      await delay(200);
    await servers.kill(primary);
    for (;;) {
      const written = await redis.incr("m").catch(() => null);
      if (written !== null) break;
      await delay(200);
    }
    assert.match(await servers.client(replica).info("replication"), /role:master/);
  });
});

describe("REDIS_URL with Sentinels", () => {
  it("may contain hosts with and without ports, a database, and two users and passwords, none of which is shown", () => {
    const url = "rediss+sentinel://u%40:p%3A%2F@a:1,b,[::1]:3/name-1/2?sentinelUsername=x&sentinelPassword=y";
    const { address, user, sentinel } = redisLocation(url);
    assert.equal(address, "a:1,b,[::1]:3/name-1");
    assert.equal(user, "u@");
    assert.deepEqual(sentinel, {
      ...{ name: "name-1", username: "u@", password: "p:/", db: 2, sentinelUsername: "x", sentinelPassword: "y" },
      sentinels: [
        { host: "a", port: 1 },
        { host: "b", port: 26_379 },
        { host: "::1", port: 3 },
      ],
      ...{ tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true },
    });
  });

  it("of any other form is refused without being shown", () => {
    for (const url of ["redis+sentinel://secret@a", "redis+sentinel://:secret@/name", "http://secret@a", "secret"])
      assert.throws(
        () => redisLocation(url),
        ({ message }: Error) => message.startsWith("REDIS_URL: ") && !message.includes("secret"),
      );
  });
});
