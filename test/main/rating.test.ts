/** RATING_ALGORITHM determines what is recorded, stored and shown, and is refused for an unknown mode. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "@colyseus/sdk";
import pino from "pino";
import { type RunningServer, startServer } from "../../src/main/game/startServer.ts";
import { readConfig } from "../../src/platform/config/readConfig.ts";
import { elo } from "../../src/players/rating/elo.ts";
import { openskill } from "../../src/players/rating/openskill.ts";
import { untilAccepted } from "../chaos/untilAccepted.ts";
import { untilHealthy } from "./untilHealthy.ts";

/** Of the first match of two new players. */
const WEIGHT_NEW = 0.25;

describe("RATING_ALGORITHM", function () {
  this.timeout(240_000);
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  const games = path.join(import.meta.dirname, "../chaos/games.ts");
  const args = ["--port", "0", "--host", "127.0.0.1", "--data-dir", dataDir, "--games", games, "--rating-algorithm"];
  const start = (choice: string) => startServer(readConfig([...args, choice], {}), pino({ level: "silent" }));
  let running: RunningServer | null = null;

  after(async () => {
    await running?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("is refused with an unknown mode", async () => {
    await assert.rejects(
      start("dule=openskill"),
      /^Error: RATING_ALGORITHM: unknown mode "dule": expected one of duel, /,
    );
  });

  it("selects the algorithm that rates a duel, and the players show the uncertainty that remains", async () => {
    running = await start("duel=openskill");
    const base = `http://127.0.0.1:${running.port}`;
    await untilHealthy(base);
    const rooms = [];
    const ids: string[] = [];
    for (let n = 0; n < 2; n++) {
      const client = new Client(base);
      // Outside a browser the SDK keeps one token for all clients of the process, and assigns it a moment later.
      await new Promise(setImmediate);
      client.auth.token = undefined as never;
      ids.push(((await client.auth.signInAnonymously()) as any).user.id);
      const room = await untilAccepted(() => client.joinOrCreate<any>("arena", { mode: "duel" }));
      room.onMessage("facts", () => {});
      rooms.push(room);
    }
    while (rooms.some(({ state }) => state.phase !== "playing")) await pause(20);
    for (const room of rooms) {
      room.reconnection.enabled = false;
      await room.leave();
    }
    const player = async (id: string) => (await (await fetch(`${base}/api/v1/players/${id}`)).json()) as any;
    while ((await player(ids[1])).ratings.length === 0) await pause(50);
    const newcomer = { team: 0, rating: 1500, games: 0, deviation: 246, place: 1, left: true };
    const [expected] = openskill.changes(
      [
        { ...newcomer, player: "a" },
        { ...newcomer, player: "b", team: 1 },
      ],
      WEIGHT_NEW,
    );
    const [{ rating, deviation }] = (await player(ids[0])).ratings;
    assert.equal(deviation, openskill.deviation({ games: 1, logPrecision: expected.precision }));
    assert.notEqual(deviation, elo.deviation({ games: 1, logPrecision: 0 }));
    assert.ok(Math.abs(rating - 1500) < 246);
  });
});
