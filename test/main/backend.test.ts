/** The backend of a game in the whole program, embedded: a match is played with the SDK, and `onEnded` keeps values of its player. */
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

describe("the backend of a game in the whole program", function () {
  this.timeout(240_000);
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  const games = path.join(import.meta.dirname, "backendGames.ts");
  let running: RunningServer;
  let base = "";

  before(async () => {
    const args = ["--port", "0", "--host", "127.0.0.1", "--data-dir", dataDir, "--games", games];
    running = await startServer(readConfig(args, {}), pino({ level: "silent" }));
    base = `http://127.0.0.1:${running.port}`;
    await untilHealthy(base);
  });
  after(async () => {
    await running.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function signIn(): Promise<{ client: Client; token: string }> {
    const client = new Client(base);
    // Outside a browser the SDK keeps one token for all clients of the process, and assigns it a moment later.
    await new Promise(setImmediate);
    client.auth.token = undefined as never;
    const { token } = await client.auth.signInAnonymously();
    return { client, token: token! };
  }
  async function valuesOf(token: string): Promise<Record<string, unknown>> {
    const answer = await fetch(`${base}/api/v1/me/export`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 200);
    const { values } = (await answer.json()) as any;
    return Object.fromEntries(values.map(({ game, key, value }: any) => [`${game} ${key}`, value]));
  }

  it("runs onEnded after each match, again after a failure, which /readyz reports meanwhile, serves its routes, and moderates messages", async () => {
    const { client, token } = await signIn();
    const room = await untilAccepted(() => client.joinOrCreate<any>("tag", { mode: "pair" }));
    room.onMessage("facts", () => {});
    const said: unknown[] = [];
    room.onMessage("chat", ({ text }) => said.push(text));
    await room.request("chat", { text: "hello" });
    assert.deepEqual(said, ["hello (0 matches)"]);
    const matchId = await new Promise<string>((resolve) =>
      room.onStateChange((state: any) => state.phase === "ended" && resolve(state.matchId)),
    );
    room.reconnection.enabled = false;
    await room.leave();
    const warned = async () =>
      (await running.readiness()).warnings.some((line) =>
        line.includes("onEnded of the game tag fails: the shop is closed"),
      );
    while (!(await warned())) await pause(50);
    while (await warned()) await pause(50);
    assert.deepEqual(await valuesOf(token), { "tag latest": matchId, "tag played": 1 });
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${base}/api/v1/games/tag/played`, { headers });
    assert.deepEqual([answer.status, await answer.json()], [200, { played: 1 }]);
  });
});
