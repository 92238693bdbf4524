/**
 * `npm start -- --processes N` on real services: where players are sent, what happens when a process dies, and how all
 * processes end.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Client, Room } from "@colyseus/sdk";
import { kafkaConfig } from "../../src/pipeline/kafka/config.ts";
import { isFree } from "../../tools/services/ports.ts";
import { uniqueNamespace } from "../../tools/services/startServices.ts";
import { guest } from "../chaos/Player.ts";
import { Program } from "../chaos/Program.ts";
import { childrenOf, isAlive } from "../chaos/processTree.ts";
import { TopicReader } from "../pipeline/relay/TopicReader.ts";
import { leastPrivileges } from "../tools/services/leastPrivileges.ts";
import { useServices } from "../tools/services/useServices.ts";

const GAMES = 3;
const GAMES_MODULE = path.join(import.meta.dirname, "../chaos/games.ts");

async function until(what: string, done: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  for (const deadline = performance.now() + withinMs; !(await done()); await delay(50))
    assert.ok(performance.now() < deadline, `${what} not within ${withinMs} ms`);
}

describe("npm start -- --processes", function () {
  this.timeout(240_000);
  const services = useServices("kafka", "postgres", "redis", "s3");
  let folder = "";
  let env: Record<string, string> = {};
  let limited: Readonly<Record<string, string>> = {};
  let program: Program;
  let children: number[] = [];
  let databases: string[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "hypogeum-processes-"));
    const { admin: urls, createDatabase } = services();
    databases = [await createDatabase(), await createDatabase()];
    env = {
      ...urls,
      ...{ DATABASE_URL: databases[0], WAREHOUSE_URL: databases[1], NAMESPACE: `${uniqueNamespace()}-` },
      ...{ GAMES: GAMES_MODULE, TEST_MATCH_MS: "600000", KAFKA_PARTITIONS: "1", KAFKA_SESSION_TIMEOUT_MS: "6000" },
    };
    limited = await leastPrivileges(env);
  });
  afterEach(async () => {
    await program.kill();
    await until("the processes end without their supervisor", () => !children.some(isAlive), 60_000);
    for (const url of databases) await services().dropDatabase(url);
    rmSync(folder, { recursive: true, force: true });
  });

  async function make(more: Record<string, string> = {}): Promise<Program> {
    const options = { dataDir: folder, env: { ...env, ...limited, ...more }, args: ["--processes", String(GAMES)] };
    program = await Program.make(options);
    const following = Array.from({ length: GAMES }, (_, at) => program.port + 1 + at);
    return (await Promise.all(following.map(isFree))).every((free) => free) ? program : make(more);
  }

  async function start(more?: Record<string, string>): Promise<void> {
    await (await make(more)).start();
    children = childrenOf(program.pid);
  }

  const portAt = (at: number): number => program.port + at;
  const portOf = (room: Room<any, any>): number => Number(new URL((room.connection as any).url).port);

  async function answers(port: number): Promise<boolean> {
    return fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** Matches of one player each, all created through the first process. */
  async function createMatches(count: number): Promise<Room<any, any>[]> {
    const rooms: Room<any, any>[] = [];
    for (let at = 0; at < count; at++) {
      const client: Client = await guest(program.url);
      const room = await client.create<any>("arena", { mode: "ffa" });
      room.reconnection.enabled = false;
      room.onMessage("facts" as never, () => {});
      rooms.push(room);
      await until("a first state", () => room.state?.players?.get(room.sessionId) !== undefined);
    }
    return rooms;
  }

  it("spreads matches over the processes, and clients of the first process can play on all processes", async () => {
    await start();
    for (let at = 0; at <= GAMES; at++) assert.ok(await answers(portAt(at)), `no response at port ${portAt(at)}`);
    const rooms = await createMatches(2 * GAMES);
    const ports = rooms.map(portOf).sort();
    assert.deepEqual(ports, [0, 0, 1, 1, 2, 2].map(portAt));
    for (const room of rooms) {
      const me = () => room.state.players.get(room.sessionId);
      await until("the match starts", () => room.state.phase === "playing");
      const { x, y } = me();
      const input: any = room.input();
      await until("a move is seen", () => {
        Object.assign(input.data, { moveX: x < 32_768 ? 127 : -127, moveY: y < 32_768 ? 127 : -127 });
        input.send();
        return me().x !== x || me().y !== y;
      });
    }
    await Promise.all(rooms.map((room) => room.leave()));
  });

  it("restarts a process that died, on the same port; its matches end, and other matches are not affected", async () => {
    await start();
    const reader = await TopicReader.open(kafkaConfig(env)!);
    try {
      const rooms = await createMatches(GAMES);
      const lost = rooms.find((room) => portOf(room) === portAt(1))!;
      const kept = rooms.filter((room) => room !== lost);
      const { matchId } = lost.state;
      const ticks = kept.map(({ state }) => state.tick);
      process.kill(children[1], "SIGKILL");
      await until("the process is back", () => childrenOf(program.pid).some((pid) => !children.includes(pid)));
      children = [...children, ...childrenOf(program.pid)];
      await until("it answers", () => answers(portAt(1)));
      await reader.untilEnded([matchId]);
      assert.ok(kept.every(({ state }, at) => state.tick > ticks[at]));
      const again = await createMatches(2);
      assert.ok(again.some((room) => portOf(room) === portAt(1)));
      assert.match(program.output, /"process":"game-1"[^\n]*"process exited unexpectedly; restarting"/);
      await Promise.all([...kept, ...again].map((room) => room.leave()));
    } finally {
      await reader.close();
    }
  });

  it("on SIGTERM ends every match, sends its last event, exits with 0, and leaves no process behind", async () => {
    await start();
    const matchIds = (await createMatches(GAMES)).map(({ state }) => state.matchId as string);
    const exited = program.ended;
    program.signal("SIGTERM");
    assert.equal(await exited, 0);
    assert.deepEqual(children.filter(isAlive), []);
    const reader = await TopicReader.open(kafkaConfig(env)!);
    await reader.untilEnded(matchIds).finally(() => reader.close());
  });

  it("exits immediately on a second signal, and leaves no process behind", async () => {
    await start({ DRAIN_SECONDS: "600" });
    const [room] = await createMatches(1);
    await until("the match starts", () => room.state.phase === "playing");
    const exited = program.ended;
    program.signal("SIGTERM");
    await until("the drain begins", () => /"stopping"/.test(program.output));
    // The same signal within a second would be the same request.
    program.signal("SIGINT");
    assert.equal(await exited, 1);
    await until("the processes end", () => !children.some(isAlive), 5000);
  });

  it("leaves no process behind when it is killed", async () => {
    await start();
    await createMatches(GAMES);
    await program.kill();
    await until("the processes end without their supervisor", () => !children.some(isAlive));
  });

  it("exits with 1 and one line when a process cannot start, and leaves no process behind", async () => {
    await make();
    const server = createServer();
    server.listen(portAt(1), "127.0.0.1");
    try {
      assert.equal(await program.spawn(), 1);
      assert.match(
        program.output,
        new RegExp(`^PORT: ${portAt(1)} is already in use on 127.0.0.1; choose another with --port$`, "m"),
      );
      assert.doesNotMatch(program.output, /is ready/);
      assert.ok(!(await answers(portAt(0))));
    } finally {
      server.close();
    }
  });

  const missing: readonly [string, RegExp][] = [
    ["REDIS_URL", /^REDIS_URL is not set: PROCESSES is 3, and processes share rooms through Redis\n$/],
    ["KAFKA_BROKERS", /^KAFKA_BROKERS is not set: PROCESSES is 3, and [^\n]*\n$/],
    ["DATABASE_URL", /^DATABASE_URL is not set: PROCESSES is 3, and [^\n]*\n$/],
  ];
  for (const [variable, line] of missing) {
    it(`does not start without ${variable}`, async () => {
      assert.equal(await (await make({ [variable]: "" })).spawn(), 1);
      assert.match(program.output, line);
    });
  }

  it("does not start with one PUBLIC_ADDRESS for all processes", async () => {
    assert.equal(await (await make({ PUBLIC_ADDRESS: "play.example.com" })).spawn(), 1);
    assert.match(program.output, /^PUBLIC_ADDRESS: invalid "play.example.com" with 3 PROCESSES: [^\n]*\n$/);
  });
});
