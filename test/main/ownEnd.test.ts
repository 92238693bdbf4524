/** The map and the end reason of a match in the whole program, embedded: its result and match histories have both. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "@colyseus/sdk";
import pino from "pino";
import { type RunningServer, startServer } from "../../src/main/game/startServer.ts";
import { readConfig } from "../../src/platform/config/readConfig.ts";
import { untilAccepted } from "../chaos/untilAccepted.ts";
import { untilHealthy } from "./untilHealthy.ts";

describe("a match of a game with maps and end reasons of its own, in the whole program", function () {
  this.timeout(240_000);
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  const games = path.join(import.meta.dirname, "../tag/caught.ts");
  let running: RunningServer;
  let base = "";

  before(async () => {
    const args = ["--port", "0", "--host", "127.0.0.1", "--data-dir", dataDir, "--games", games];
    running = await startServer(readConfig(args, {}), pino({ level: "silent" }));
    base = `http://127.0.0.1:${running.port}`;
    await untilHealthy(base);
  });
  after(async () => {
    await running?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("has both in its result and in the match history of its player", async () => {
    const client = new Client(base);
    const { user } = (await client.auth.signInAnonymously()) as any;
    const room = await untilAccepted(() => client.joinOrCreate<any>("tag", { mode: "pair" }));
    room.onMessage("facts", () => {});
    const matchId = await new Promise<string>((resolve) =>
      room.onStateChange((state: any) => state.phase === "ended" && resolve(state.matchId)),
    );
    room.reconnection.enabled = false;
    await room.leave();
    let answer: Response;
    while ((answer = await fetch(`${base}/api/v1/matches/${matchId}`)).status !== 200) await pause(50);
    const { reason, map } = (await answer.json()) as any;
    assert.equal(reason, "caught");
    assert.ok(["field", "hall"].includes(map), map);
    const { matches } = (await (await fetch(`${base}/api/v1/players/${user.id}/matches?mode=pair`)).json()) as any;
    assert.deepEqual([matches[0].match.reason, matches[0].match.map], [reason, map]);
  });
});
