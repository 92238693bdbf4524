/** `npm run dev`, with real processes: a save is played, and a mistake is reported while the game before continues. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "@colyseus/sdk";
import { findFreePort } from "../../tools/services/ports.ts";

const root = path.resolve(import.meta.dirname, "../..");
const API = JSON.stringify(path.join(root, "src/game/publicApi.ts"));

/** A game, with more in its step. */
const source = (version: string, step = "") => `
import { axis, defineGame, stateClasses, i32 } from ${API};
const game = defineGame({
  name: "strip",
  rules: { version: "${version}" },
  modes: { solo: { teams: [0], waitMs: 100, onLeave: "bot", playMs: 60_000, countdownMs: 0 } },
  input: { dx: axis },
  world: { seats: { x: i32 } },
  step({ seats: { x } }, inputs) {
    for (const [seat, { dx }] of inputs.entries()) x[seat] = (x[seat] + dx) % 1000;
    ${step}
  },
  result: (world) => ({ standings: [{ seat: 0, team: 0, place: 1, score: 0, kills: 0, deaths: 0 }], teamScores: [0] }),
});
export const games = [game];
`;

describe("npm run dev", function () {
  this.timeout(240_000);
  const folder = mkdtempSync("/tmp/hypogeum-dev-");
  const file = path.join(folder, "strip.ts");
  let child: ChildProcess;
  let output = "";
  let port = 0;

  before(async () => {
    port = await findFreePort([]);
    writeFileSync(file, source("1"));
    const args = [
      "src/main/hypogeum.cjs",
      "dev",
      file,
      "--port",
      String(port),
      "--data-dir",
      path.join(folder, ".data"),
    ];
    child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (bytes) => (output += bytes));
  });
  after(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
    for (let tries = 0; !(await isTrue()); tries++) {
      assert.ok(tries < 1200, output);
      await delay(100);
    }
  }

  async function playedVersion(): Promise<string> {
    const client = new Client(`http://127.0.0.1:${port}`);
    await client.auth.signInAnonymously();
    const room = await client.joinOrCreate<any>("strip", { mode: "solo" });
    await until(() => room.state?.rulesVersion !== undefined && room.state.rulesVersion !== "");
    const { rulesVersion } = room.state;
    await room.leave();
    return rulesVersion;
  }

  const timesReady = () => output.split("Hypogeum is ready").length - 1;

  it("plays the game, and after a save the new one", async () => {
    await until(() => timesReady() === 1);
    assert.equal(await playedVersion(), "1");
    writeFileSync(file, source("2"));
    await until(() => timesReady() === 2);
    assert.equal(await playedVersion(), "2");
  });

  it("reports a syntax error with file and line, and continues with the game as it was", async () => {
    writeFileSync(file, source("3", "}}}"));
    await until(() => /strip\.ts:\d+/.test(output) && /the server continues with the game as it was/.test(output));
    assert.equal(await playedVersion(), "2");
  });

  it("reports a step that is not deterministic", async () => {
    writeFileSync(file, source("4", "x[0] = Math.floor(Math.random() * 9);"));
    await until(() => /strip, step at tick \d+: called Math\.random/.test(output));
    assert.equal(await playedVersion(), "2");
  });

  it("plays again when the mistake is corrected, and stops at a signal", async () => {
    writeFileSync(file, source("5"));
    await until(() => timesReady() === 3);
    assert.equal(await playedVersion(), "5");
    child.kill("SIGINT");
    const [code] = await once(child, "exit");
    assert.equal(code, 0);
    assert.equal(child.signalCode, null);
  });
});
