import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { JoinProbe } from "../../../src/main/health/JoinProbe.ts";
import { RedisStart } from "../../../src/main/health/RedisStart.ts";
import { SharedPresence } from "../../../src/matchmaking/roomDriver/SharedPresence.ts";
import { Health } from "../../../src/platform/health/Health.ts";
import { openRedis } from "../../../src/platform/redis/openRedis.ts";
import { findFreePort } from "../../../tools/services/ports.ts";
import { RedisServers } from "../../platform/redis/RedisServers.ts";

describe("a start that needs Redis", function () {
  this.timeout(240_000);
  let servers: RedisServers;
  const closing: (() => void)[] = [];
  beforeEach(() => {
    servers = new RedisServers();
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) close();
    await servers.stop();
  });

  function start(url: string, namespace = "ns-") {
    const lines: string[] = [];
    const health = new Health({ info() {}, warn: (_fields, line) => void lines.push(line) });
    const redis = openRedis(url);
    const presence = new SharedPresence(url, namespace, { failed() {}, succeeded() {} });
    const probe = new JoinProbe({ redis, presence, namespace, id: "1", url });
    const begun = new RedisStart({ redis, probe, health, url });
    const stopping = new AbortController();
    closing.push(
      () => stopping.abort(),
      () => redis.disconnect(),
      () => presence.shutdown(),
      () => begun.stop(),
    );
    const done = begun.untilUsable(stopping.signal);
    done.catch(() => {});
    return { lines, health, done };
  }

  async function firstLine({ lines }: { lines: string[] }, wanted = /^/): Promise<string> {
    for (;;) {
      const line = lines.find((one) => wanted.test(one));
      if (line !== undefined) return line;
      await delay(20);
    }
  }

  it("waits, and names REDIS_URL and the remedy without the password, until Redis can be used", async () => {
    const port = await findFreePort([]);
    const started = start(`redis://user:secret@127.0.0.1:${port}`);
    assert.equal(
      await firstLine(started),
      `REDIS_URL: no Redis answers at 127.0.0.1:${port}; this process waits until Redis can be used: start Redis there, or correct REDIS_URL`,
    );
    assert.deepEqual(
      started.health.standing().map(({ breaks }) => breaks),
      ["joins"],
    );
    await servers.start(["--user", "user", "on", ">secret", "~*", "&*", "+@all"], port);
    await started.done;
    assert.deepEqual(started.health.standing(), []);
    assert(!started.lines.join().includes("secret"));
  });

  it("tells errors apart that do not pass by themselves", async () => {
    const port = await servers.start(["--requirepass", "right", "--user", "shy", "on", ">right", "~*", "+@all"]);
    const at = `127.0.0.1:${port}`;
    const waiting = "; this process waits until Redis can be used";
    const wrong = `REDIS_URL: ${at} refuses the password of user default (WRONGPASS): correct user and password in the URL${waiting}`;
    assert.equal(await firstLine(start(`redis://:wrong@${at}`)), wrong);
    assert.equal(
      await firstLine(start(`redis://${at}`)),
      `REDIS_URL: ${at} requires a password (NOAUTH): expected redis://USER:PASSWORD@HOST:PORT${waiting}`,
    );
    assert.match(
      await firstLine(start(`redis://shy:right@${at}`)),
      /^REDIS_URL: refused by .*NOPERM.* channel.*: add the ACL rule &ns-\* to user shy; /,
    );
  });

  it("tells that the certificate of the server is not trusted", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-tls-"));
    closing.push(() => rmSync(folder, { recursive: true, force: true }));
    const [key, cert] = ["key", "cert"].map((name) => path.join(folder, name));
    const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    execFileSync("openssl", [...made, "-subj", "/CN=localhost", "-keyout", key, "-out", cert], { stdio: "ignore" });
    const port = await findFreePort([]);
    const tls = ["--tls-cert-file", cert, "--tls-key-file", key, "--tls-auth-clients", "no"];
    await servers.start(["--port", "0", "--tls-port", String(port), ...tls], port);
    assert.match(
      await firstLine(start(`rediss://127.0.0.1:${port}`)),
      /^REDIS_URL: no TLS connection to 127\.0\.0\.1:\d+: self-signed certificate.* add sslrootcert=FILE to the URL with the certificate of its authority; /,
    );
  });

  it("continues once the user may use channels, and all its subscriptions exist", async () => {
    const port = await servers.start(["--user", "shy", "on", ">right", "~*", "resetchannels", "+@all"]);
    const url = `redis://shy:right@127.0.0.1:${port}`;
    const presence = new SharedPresence(url, "ns-", { failed() {}, succeeded() {} });
    closing.push(() => presence.shutdown());
    const received = Promise.withResolvers<unknown>();
    await presence.subscribe("p:1", received.resolve);
    const started = start(url);
    await firstLine(started);
    await servers.client(port).call("ACL", "SETUSER", "shy", "&ns-*");
    await started.done;
    while (presence.subscriptionError !== null) await delay(20);
    await presence.publish("p:1", "hello");
    assert.equal(await received.promise, "hello");
  });

  it("is refused in one line by a cluster and by a Sentinel", async () => {
    const port = await servers.start(["--cluster-enabled", "yes"]);
    await assert.rejects(
      start(`redis://127.0.0.1:${port}`).done,
      ({ message }: Error) =>
        message ===
        `REDIS_URL: 127.0.0.1:${port} belongs to a Redis Cluster, which is not supported: expected a single Redis, or Sentinels (redis+sentinel://HOST:PORT/NAME)`,
    );
    const sentinel = await servers.sentinel("main", port);
    await assert.rejects(start(`redis://127.0.0.1:${sentinel}`).done, ({ message }: Error) =>
      message.startsWith(`REDIS_URL: 127.0.0.1:${sentinel} is a Sentinel: expected redis+sentinel://`),
    );
  });

  it("warns of a maxmemory-policy that deletes keys", async () => {
    const port = await servers.start(["--maxmemory-policy", "allkeys-lru"]);
    const started = start(`redis://127.0.0.1:${port}`);
    await started.done;
    const [{ line, breaks }] = started.health.standing();
    assert.match(
      line,
      /^REDIS_URL: 127\.0\.0\.1:\d+ has maxmemory-policy allkeys-lru, .* set maxmemory-policy to noeviction$/,
    );
    assert.equal(breaks, null);
    assert.deepEqual(started.lines, [line]);
  });
});
