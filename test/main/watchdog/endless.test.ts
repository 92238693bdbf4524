/** An endless step over real sockets: its process ends, its matches end as aborted, and the case that is kept leads there again. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Room } from "@colyseus/sdk";
import { type FaultCase, parseFaultCase, playFaultCase } from "../../../src/game/FaultCase.ts";
import { HANG_EXIT_CODE, STEP_LIMIT_MS } from "../../../src/main/watchdog/messages.ts";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { DidNotReturn, returnsWithin } from "../../../src/platform/async/returnsWithin.ts";
import { connectEmbedded } from "../../../src/platform/sql/openSql.ts";
import { uniqueNamespace } from "../../../tools/services/startServices.ts";
import { guest } from "../../chaos/Player.ts";
import { Program } from "../../chaos/Program.ts";
import { childrenOf, isAlive } from "../../chaos/processTree.ts";
import { TopicReader } from "../../pipeline/relay/TopicReader.ts";
import { leastPrivileges } from "../../tools/services/leastPrivileges.ts";
import { useServices } from "../../tools/services/useServices.ts";

const GAMES = path.join(import.meta.dirname, "games.ts");

async function until<T>(what: string, read: () => T | null | Promise<T | null>, withinMs = 60_000): Promise<T> {
  for (const deadline = performance.now() + withinMs; ; await delay(100)) {
    const value = await read();
    if (value !== null && value !== false) return value;
    assert.ok(performance.now() < deadline, `${what} not within ${withinMs} ms`);
  }
}

/** Joins a match of its own. */
async function play(url: string, mode: string): Promise<Room<any, any>> {
  const room = await (await guest(url)).create<any>("tag", { mode });
  room.reconnection.enabled = false;
  room.onMessage("facts" as never, () => {});
  await until("a first state", () => room.state?.matchId || null);
  return room;
}

const isPlaying = (room: Room<any, any>) => until("the match starts", () => room.state.phase === "playing" || null);

/** The case of a match that hung. */
function caseOf(dataDir: string, matchId: string): FaultCase {
  const folder = path.join(dataDir, "faults");
  assert.deepEqual(readdirSync(folder), [`${matchId}.json`]);
  return parseFaultCase(readFileSync(path.join(folder, `${matchId}.json`), "utf8"));
}

/** Checks that the case leads to the hang, and only its last step does. */
async function assertHangsAgain(fault: FaultCase, hangAt: number): Promise<void> {
  process.env.TEST_HANG_AT = String(hangAt);
  const { games } = await import(`./games.ts?${hangAt}`);
  let calls = 0;
  let returned = 0;
  const limited = <T>(act: () => T): T => {
    calls++;
    const value = returnsWithin(2000, act);
    returned++;
    return value;
  };
  assert.throws(() => playFaultCase(games[0], fault, limited), DidNotReturn);
  assert.equal(fault.tick, hangAt + 1);
  // The creation or loading of the world, and the steps before.
  assert.deepEqual([calls, returned], [fault.frames.length + 1, fault.frames.length]);
}

describe("an endless step", function () {
  this.timeout(240_000);
  let folder = "";
  let program: Program;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "hypogeum-endless-"));
  });
  afterEach(async () => {
    await program.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it("ends the only process, and its matches end as aborted once it is started again", async () => {
    // The world is saved after 200 ticks.
    const hangAt = 230;
    program = await Program.start({ dataDir: folder, env: { GAMES, TEST_HANG_AT: String(hangAt) } });
    const [healthy, hanging] = [await play(program.url, "pair"), await play(program.url, "crowd")];
    const ids: string[] = [healthy.state.matchId, hanging.state.matchId];
    assert.equal(await program.ended, HANG_EXIT_CODE);
    const line = program.output.split("\n").find((text) => text.includes("did not return"))!;
    const { msg, at, ...about } = JSON.parse(line);
    assert.match(
      msg,
      /^tag, step at tick 231 \(.*games\.ts:\d+\): did not return within 5 s, expected .*; correct the loop: /,
    );
    assert.match(at, /games\.ts:\d+$/);
    assert.deepEqual([about.matchId, about.roomId, about.tick], [ids[1], hanging.roomId, 231]);
    const fault = caseOf(folder, ids[1]);
    assert.equal(fault.savedTick, 200);
    assert.equal(fault.frames.length, 31);
    await assertHangsAgain(fault, hangAt);

    await program.start();
    const warehouse = await connectEmbedded(path.join(folder, "sql"), 60_000);
    try {
      await until("both matches are aborted", async () => {
        const { rows } = await warehouse.query<{ match_id: string; reason: string }>(
          "SELECT match_id, reason FROM dw.dim_match WHERE reason = 'aborted'",
        );
        return ids.every((id) => rows.some(({ match_id }) => match_id === id)) || null;
      });
    } finally {
      await warehouse.close();
    }
    await program.stop();
  });

  it("does not end a process that is debugged", async () => {
    const env = { GAMES, TEST_HANG_AT: "30" };
    program = await Program.start({ dataDir: folder, env, nodeArgs: ["--inspect=127.0.0.1:0"] });
    const room = await play(program.url, "crowd");
    await until("the last tick", () => room.state.tick === 30 || null);
    const isOver = await Promise.race([program.ended.then(() => true), delay(2 * STEP_LIMIT_MS, false)]);
    assert.equal(isOver, false, program.output);
    assert.doesNotMatch(program.output, /did not return/);
  });

  describe("with several processes", () => {
    const services = useServices("kafka", "postgres", "redis", "s3");
    let databases: string[] = [];
    afterEach(async () => {
      for (const url of databases) await services().dropDatabase(url);
    });

    it("ends its process, which is started again; matches of other processes continue", async () => {
      const { admin: urls, createDatabase } = services();
      databases = [await createDatabase(), await createDatabase()];
      const hangAt = 100;
      const env = {
        ...urls,
        ...{ DATABASE_URL: databases[0], WAREHOUSE_URL: databases[1], NAMESPACE: `${uniqueNamespace()}-` },
        ...{ GAMES, TEST_HANG_AT: String(hangAt), KAFKA_PARTITIONS: "1", KAFKA_SESSION_TIMEOUT_MS: "6000" },
      };
      const limited = await leastPrivileges(env);
      program = await Program.start({ dataDir: folder, env: { ...env, ...limited }, args: ["--processes", "2"] });
      const children = childrenOf(program.pid);
      const reader = await TopicReader.open(kafkaConfig(env)!);
      try {
        const rooms = [await play(program.url, "pair"), await play(program.url, "pair")];
        const hanging = await play(program.url, "crowd");
        const port = (room: Room<any, any>) => new URL((room.connection as any).url).port;
        const other = rooms.find((room) => port(room) === port(hanging))!;
        const healthy = rooms.find((room) => room !== other)!;
        await isPlaying(healthy);
        await until("a new process", () => childrenOf(program.pid).find((pid) => !children.includes(pid)) ?? null);
        assert.match(program.output, /"code":70,"retryInMs":\d+,"msg":"process exited unexpectedly; restarting"/);
        assert.equal(children.filter(isAlive).length, children.length - 1);
        const aborted = () =>
          reader
            .messages()
            .filter(({ topic, value }) => topic === "logs_match" && value.includes('"reason":"aborted"'))
            .map(({ key }) => key);
        const ids = [hanging, other].map(({ state }) => state.matchId as string).sort();
        await until("its matches are aborted", () => aborted().length >= 2 || null);
        assert.deepEqual(aborted().sort(), ids);
        const { tick } = healthy.state;
        await until("the other match continues", () => healthy.state.tick > tick + 20 || null);
        await assertHangsAgain(caseOf(folder, hanging.state.matchId), hangAt);
        await healthy.leave();
      } finally {
        await reader.close();
      }
    });
  });
});
