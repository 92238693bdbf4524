/** How long a process takes to stop: with matches that do not end by themselves, and while Redis is unavailable. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { closeCodes } from "../../schema/codes.ts";
import { startServices } from "../../tools/services/startServices.ts";
import { guest } from "../chaos/Player.ts";
import { Program } from "../chaos/Program.ts";
import { untilAccepted } from "../chaos/untilAccepted.ts";
import { plain } from "../matchmaking/Entrant.ts";
import { until } from "../matchmaking/Fleet.ts";
import { QueueGuest } from "./QueueGuest.ts";

const GAMES = path.join(import.meta.dirname, "../chaos/games.ts");
const DRAIN_MS = 3000;
/** Time to close rooms, sockets, stores and the outbox. */
const GRACE_MS = 10_000;
/** The same, with each command to the unavailable Redis tried twice. */
const STOP_WITHOUT_REDIS_MS = 25_000;

describe("a stopping process", function () {
  this.timeout(240_000);
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-drain-"));
  let program: Program | null = null;
  after(async () => {
    await program?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it("ends endless matches after DRAIN_SECONDS, closes their clients with SERVER_SHUTDOWN, and exits with 0", async () => {
    const env = { GAMES, LOG_LEVEL: "info", TEST_MATCH_MS: "3600000", DRAIN_SECONDS: String(DRAIN_MS / 1000) };
    program = await Program.start({ dataDir: folder, env });
    await program.untilHealthy();
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
    await program.untilReported(/^the process is stopping: /);
    const [code, closedAfterMs] = await closed;
    assert.equal(code, closeCodes.SERVER_SHUTDOWN.code);
    assert(closedAfterMs >= DRAIN_MS - 500 && closedAfterMs <= DRAIN_MS + GRACE_MS, `${closedAfterMs} ms`);
    assert(room.state.tick > tick + 20, "the match continued meanwhile");
    assert.equal(await program.ended, 0);
    assert(performance.now() - since <= DRAIN_MS + GRACE_MS);
    assert.doesNotMatch(program.output, /rooms were still open|"level":[56]0/);
  });

  it("lets its matches end and exits with 0 when an operator asks for it, and a signal meanwhile changes nothing", async () => {
    const env = { GAMES, LOG_LEVEL: "info", TEST_MATCH_MS: "3600000", DRAIN_SECONDS: String(DRAIN_MS / 1000) };
    const operator = { ADMIN_USER: "op", ADMIN_PASSWORD: "operator-password" };
    program = await Program.start({ dataDir: path.join(folder, "asked"), env: { ...env, ...operator } });
    await program.untilHealthy();
    const room = plain(await (await guest(program.url)).create<any>("arena", { mode: "duel" }));
    room.onMessage("facts" as never, () => {});
    const closed = new Promise<number>((resolve) => room.onLeave((code) => resolve(code)));
    const authorization = `Basic ${btoa("op:operator-password")}`;
    const answer = await fetch(`${program.url}/admin/drain`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify({ reason: "update" }),
    });
    assert.equal(answer.status, 202);
    program.signal("SIGTERM");
    assert.equal(await closed, closeCodes.SERVER_SHUTDOWN.code);
    assert.equal(await program.ended, 0);
  });

  it("stops in time without Redis, with players in matches, in the queue and in a party", async () => {
    const own = await startServices(["redis"]);
    const guests: QueueGuest[] = [];
    try {
      const env = { GAMES, LOG_LEVEL: "debug", REDIS_URL: own.env.REDIS_URL, DRAIN_SECONDS: String(DRAIN_MS / 1000) };
      program = await Program.start({ dataDir: path.join(folder, "away"), env });
      await program.untilHealthy();
      for (let at = 0; at < 4; at++) guests.push(await QueueGuest.signIn(program.url));
      await guests[0].queue({ mode: "duel", strategy: "elo" });
      const party = await guests[1].party();
      party.room.send("ready", true);
      party.room.send("queue", { mode: "squad", strategy: "elo" });
      const match = await guests[2].client.create<any>("arena", { mode: "duel" });
      const left = await untilAccepted(() => guests[3].client.joinOrCreate<any>("arena", { mode: "ffa" }));
      for (const room of [match, left]) plain(room).onMessage("facts" as never, () => {});
      await until(
        () => match.state.phase === "playing" && party.room.state.phase === "queued",
        "the match runs and the party is queued",
      );
      await own.kill("redis");
      await left.leave();
      // Long enough for retries to pile up, if they did.
      await delay(6000);
      const since = performance.now();
      program.signal("SIGTERM");
      assert.equal(await program.ended, 0);
      const tookMs = performance.now() - since;
      console.log(`      stopped after ${(tookMs / 1000).toFixed(1)} s`);
      assert(tookMs <= DRAIN_MS + STOP_WITHOUT_REDIS_MS, `${tookMs} ms`);
      assert.doesNotMatch(program.output, /"level":60|unhandled error/, "no fatal or unhandled error");
    } finally {
      await Promise.all(guests.map((one) => one.leave()));
      await program?.kill();
      await own.stop();
    }
  });
});
