/** The whole program with a Redis that is unavailable at the start, that has moved, or that can never be used. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "@colyseus/sdk";
import { findFreePort } from "../../tools/services/ports.ts";
import { OPERATOR, Program } from "../chaos/Program.ts";
import { RedisServers } from "../platform/redis/RedisServers.ts";

describe("the program and its Redis", function () {
  this.timeout(300_000);
  let servers: RedisServers;
  let folder: string;
  const programs: Program[] = [];
  beforeEach(() => {
    servers = new RedisServers();
    folder = mkdtempSync(path.join(tmpdir(), "hypogeum-redis-program-"));
  });
  afterEach(async () => {
    await Promise.all(programs.splice(0).map((program) => program.kill()));
    await servers.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function make(url: string): Promise<Program> {
    const env = { ...OPERATOR, REDIS_URL: url, NAMESPACE: "ns-", TICK_RATE: "10" };
    const program = await Program.make({ dataDir: folder, env });
    programs.push(program);
    return program;
  }

  async function join(program: Program): Promise<void> {
    const client = new Client(program.url);
    client.auth.token = undefined as never;
    await client.auth.signInAnonymously();
    const room = await client.joinOrCreate<any>("arena", { mode: "ffa" });
    room.onMessage("facts", () => {});
    await new Promise<void>((resolve) => room.onStateChange.once(() => resolve()));
    await room.leave();
  }

  it("waits for it at the start: one line names REDIS_URL, /readyz too, and joins are refused until it answers", async () => {
    const port = await findFreePort([]);
    const program = await make(`redis://:secret@127.0.0.1:${port}`);
    const ended = program.spawn();
    const line = await program.untilReported(/^REDIS_URL: no Redis answers at 127\.0\.0\.1:/, 120_000);
    assert.match(line, /: start Redis there, or correct REDIS_URL$/);
    assert.equal((await fetch(`${program.url}/readyz`)).status, 503);
    assert.equal((await fetch(`${program.url}/healthz`)).status, 200);
    const refused = await fetch(`${program.url}/matchmake/joinOrCreate/arena`, { method: "POST", body: "{}" });
    assert.equal(((await refused.json()) as { code: number }).code, 540);
    assert.equal(refused.headers.get("retry-after"), "2");
    assert.equal((await fetch(program.url)).status, 540);
    const logged = program.output.split("\n").filter((text) => text.includes("REDIS_URL: no Redis answers"));
    assert.equal(logged.length, 1, program.output);
    assert.doesNotMatch(program.output, /secret|Hypogeum is ready/);
    await servers.start(["--requirepass", "secret"], port);
    await program.untilHealthy();
    await join(program);
    await program.stop();
    assert.equal(await ended, 0);
  });

  it("stops on SIGTERM while it waits", async () => {
    const program = await make(`redis://127.0.0.1:${await findFreePort([])}`);
    const ended = program.spawn();
    await program.untilReported(/^REDIS_URL: /, 120_000);
    await program.stop();
    assert.equal(await ended, 0);
  });

  it("refuses a cluster in one line", async () => {
    const port = await servers.start(["--cluster-enabled", "yes"]);
    const program = await make(`redis://127.0.0.1:${port}`);
    assert.equal(await program.spawn(), 1);
    assert.match(program.output, /^REDIS_URL: 127\.0\.0\.1:\d+ belongs to a Redis Cluster, which is not supported: /m);
  });

  it("joins rooms again after a failover that leaves the old connections open", async () => {
    const [old, next] = [await servers.start(), await servers.start()];
    const proxy = await servers.proxy(old);
    const program = await make(proxy.url);
    await program.start();
    await join(program);
    await servers.client(old).replicaof("127.0.0.1", "1");
    await program.untilReported(/is a replica and refuses writes \(READONLY\)/);
    await assert.rejects(join(program));
    proxy.target = next;
    await program.untilHealthy();
    await join(program);
    // The process announces itself there too.
    while ((await servers.client(next).exists("ns-rulesversions")) === 0) await delay(100);
  });

  it("joins rooms again after a failover of Sentinels", async () => {
    const primary = await servers.start();
    const replica = await servers.start(["--replicaof", "127.0.0.1", String(primary)]);
    const sentinel = await servers.sentinel("main", primary);
    const program = await make(`redis+sentinel://127.0.0.1:${sentinel}/main`);
    await program.start();
    await join(program);
    while (
      !String(await servers.client(sentinel).call("SENTINEL", "replicas", "main")).includes("master-link-status,ok")
    )
      await delay(200);
    await servers.kill(primary);
    await program.untilReported(/^REDIS_URL: /);
    while (!(await servers.client(replica).info("replication")).includes("role:master")) await delay(200);
    await program.untilHealthy();
    await join(program);
  });

  it("logs the first failure, not every attempt, while Redis is unavailable, with the framework's reasons, and the recovery", async () => {
    const port = await servers.start();
    const program = await make(`redis://127.0.0.1:${port}`);
    await program.start();
    await join(program);
    await servers.kill(port);
    await program.untilReported(/^REDIS_URL: no Redis answers/);
    // About 40 heartbeats and 20 passes over three modes.
    await delay(10_000);
    const lines = () =>
      program.output
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line));
    const count = (text: string) => lines().filter(({ msg }) => msg.includes(text)).length;
    assert.equal(count("queue heartbeat failed; retrying"), 1);
    assert.equal(count("checking the other processes failed; retrying"), 1);
    assert(count("pairing failed; retrying") <= 3, "at most one line for each mode");
    assert(count("RedisPresence: pub connection error: ") >= 1);
    for (const { msg } of lines().filter(({ msg }) => msg.includes("RedisPresence")))
      assert.match(msg, /^RedisPresence: (pub|sub) connection error: .*(ECONNREFUSED|ECONNRESET)/);
    assert(lines().length < 40, program.output);
    await servers.start([], port);
    await program.untilHealthy();
    while (count("queue heartbeat works again") === 0) await delay(100);
  });
});
