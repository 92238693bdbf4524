/** A Redis that has loaded the file of users: what the server's user may do, and what not. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Redis } from "ioredis";
import { SharedPresence } from "../../../src/matchmaking/roomDriver/SharedPresence.ts";
import { RedisServers } from "../../platform/redis/RedisServers.ts";
import { redisAcl } from "../../tools/services/leastPrivileges.ts";

const PASSWORD = "a-password";

describe("the users of Redis", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-acl-"));
  const servers = new RedisServers();
  let port = 0;
  let redis: Redis;
  let operator: Redis;
  const urlOf = (user: string) => `redis://${user}:${PASSWORD}@127.0.0.1:${port}`;

  before(async () => {
    const file = path.join(folder, "users.acl");
    writeFileSync(file, redisAcl("prod-", PASSWORD));
    port = await servers.start(["--aclfile", file]);
    redis = new Redis(urlOf("hypogeum"));
    operator = new Redis(urlOf("operator"));
    await operator.set("other-key", "1");
  });
  after(async () => {
    redis.disconnect();
    operator.disconnect();
    await servers.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("let the server use keys, channels and scripts of its namespace", async () => {
    await redis.set("prod-key", "1");
    assert.deepEqual(await redis.keys("prod-*"), ["prod-key"]);
    assert.equal(await redis.eval("return redis.call('GET', KEYS[1])", 1, "prod-key"), "1");
    assert.match(await redis.info("server"), /redis_version/);
    const presence = new SharedPresence(urlOf("hypogeum"), "prod-", {
      failed: (_, error) => assert.fail(String(error)),
      succeeded() {},
    });
    const received = Promise.withResolvers<unknown>();
    await presence.subscribe("channel", received.resolve);
    await presence.publish("channel", "x");
    assert.equal(await received.promise, "x");
    presence.shutdown();
  });

  const denied = [
    ["FLUSHALL"],
    ["FLUSHDB"],
    ["CONFIG", "GET", "*"],
    ["ACL", "LIST"],
    ["SHUTDOWN"],
    ["REPLICAOF", "NO", "ONE"],
    ["SCRIPT", "FLUSH"],
    ["FUNCTION", "FLUSH"],
    ["CLIENT", "KILL", "TYPE", "normal"],
    ["MONITOR"],
    ["SWAPDB", "0", "1"],
    ["MIGRATE", "127.0.0.1", "1", "prod-key", "0", "1"],
    ["GET", "other-key"],
    ["DEL", "other-key"],
    ["EVAL", "return redis.call('GET', 'other-key')", "0"],
    ["PUBLISH", "other-channel", "x"],
  ];
  for (const [command, ...args] of denied) {
    it(`do not let the server ${[command, ...args].join(" ")}`, async () => {
      await assert.rejects(redis.call(command, ...args), /NOPERM|can't access at least one of the keys/);
    });
  }

  it("let nobody in without a name and a password", async () => {
    const stranger = new Redis(port, "127.0.0.1", { maxRetriesPerRequest: 0, enableReadyCheck: false });
    stranger.on("error", () => {});
    await assert.rejects(stranger.get("prod-key"), /NOAUTH/);
    stranger.disconnect();
  });
});
