/** How long a process takes to stop: with matches that do not end by themselves, and while Redis is away. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { closeCodes } from "../../schema/codes.ts";
import { startServices } from "../../tools/services/startServices.ts";
import { guest } from "../chaos/Player.ts";
import { Program } from "../chaos/Program.ts";
import { plain } from "../matchmaking/Entrant.ts";
import { until } from "../matchmaking/Fleet.ts";
import { QueueGuest } from "./QueueGuest.ts";

const GAMES = path.join(import.meta.dirname, "../chaos/games.ts");
const DRAIN_MS = 3000;
/** Rooms close, sockets say goodbye, stores and outbox close. */
const GRACE_MS = 10_000;
/** The same, with each word to a Redis that is away tried once more. */
const STOP_AWAY_MS = 25_000;

describe("a process that is told to stop", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-drain-"));
  let program: Program | null = null;
  after(async () => {
    await program?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it("ends matches that go on for ever when DRAIN_SECONDS are over, tells their players, and exits with 0", async () => {
    const env = { GAMES, LOG_LEVEL: "info", TEST_MATCH_MS: "3600000", DRAIN_SECONDS: String(DRAIN_MS / 1000) };
    program = await Program.start({ dataDir: folder, env });
    await program.untilReady();
    const room = await (await guest(program.url)).create<any>("arena", { mode: "duel" });
    room.reconnection.enabled = false;
    room.onMessage("facts" as never, () => {});
    await new Promise<void>((resolve) => room.onStateChange(({ phase }) => phase === "playing" && resolve()));
    const since = performance.now();
    const { tick } = room.state;
    const closed = new Promise<[number, number]>((resolve) =>
      room.onLeave((code) => resolve([code, performance.now() - since])),
    );
    program.signal("SIGTERM");
    const [code, wentOnMs] = await closed;
    assert.equal(code, closeCodes.SERVER_SHUTDOWN.code);
    assert(wentOnMs >= DRAIN_MS - 500 && wentOnMs <= DRAIN_MS + GRACE_MS, `${wentOnMs} ms`);
    assert(room.state.tick > tick + 20, "it was played on meanwhile");
    assert.equal(await program.ended, 0);
    assert(performance.now() - since <= DRAIN_MS + GRACE_MS);
    assert.doesNotMatch(program.output, /rooms were still open|"level":[56]0/);
  });

  it("stops within its time while Redis is away, whoever plays, queues and gathers there", async () => {
    const own = await startServices(["redis"]);
    const people: QueueGuest[] = [];
    try {
      const env = { GAMES, LOG_LEVEL: "debug", REDIS_URL: own.env.REDIS_URL, DRAIN_SECONDS: String(DRAIN_MS / 1000) };
      program = await Program.start({ dataDir: path.join(folder, "away"), env });
      await program.untilReady();
      for (let at = 0; at < 4; at++) people.push(await QueueGuest.signIn(program.url));
      await people[0].queue({ mode: "duel", strategy: "elo" });
      const party = await people[1].party();
      party.room.send("ready", true);
      party.room.send("queue", { mode: "squad", strategy: "elo" });
      const match = await people[2].client.create<any>("arena", { mode: "duel" });
      const left = await people[3].client.joinOrCreate<any>("arena", { mode: "ffa" });
      for (const room of [match, left]) plain(room).onMessage("facts" as never, () => {});
      await until(() => match.state.phase === "playing" && party.room.state.phase === "queued", "all are there");
      await own.kill("redis");
      await left.leave();
      // Long enough for what is tried again to pile up, if it did.
      await delay(6000);
      const since = performance.now();
      program.signal("SIGTERM");
      assert.equal(await program.ended, 0);
      const tookMs = performance.now() - since;
      console.log(`      stopped after ${(tookMs / 1000).toFixed(1)} s`);
      assert(tookMs <= DRAIN_MS + STOP_AWAY_MS, `${tookMs} ms`);
      assert.doesNotMatch(program.output, /"level":60|nobody handled/, "nothing was left to the last resort");
    } finally {
      await Promise.all(people.map((one) => one.leave()));
      await program?.kill();
      await own.stop();
    }
  });
});
