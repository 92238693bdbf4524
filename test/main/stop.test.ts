import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Client } from "@colyseus/sdk";
import { closeCodes } from "../../schema/codes.ts";
import { SECRET_FILE } from "../../src/players/auth/loadOrCreateSecret.ts";
import { untilAccepted } from "../chaos/untilAccepted.ts";

const start = path.resolve(import.meta.dirname, "../../src/main/start.ts");

describe("npm start", () => {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  let child: ChildProcess | null = null;

  afterEach(async () => {
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    child = null;
  });
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  function run(
    args: readonly string[],
    env: Record<string, string> = {},
  ): Promise<{ code: number; err: string; out: string }> {
    const process_ = spawn(process.execPath, [start, ...args], { env: { ...process.env, ...env } });
    const text = { err: "", out: "" };
    process_.stdout.on("data", (bytes) => {
      text.out += bytes;
    });
    process_.stderr.on("data", (bytes) => {
      text.err += bytes;
    });
    return new Promise((resolve) => process_.on("close", (code) => resolve({ code: code ?? -1, ...text })));
  }

  /** Starts the program on a free port and resolves with its address. */
  async function serve(...args: string[]): Promise<string> {
    child = spawn(process.execPath, [start, "--port", "0", "--host", "127.0.0.1", "--data-dir", dataDir, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let out = "";
    for await (const bytes of child.stdout!.iterator({ destroyOnReturn: false })) {
      out += bytes;
      const address = /Open (http:\S+)/.exec(out)?.[1];
      if (address !== undefined) {
        child.stdout!.resume();
        return address.replace("localhost", "127.0.0.1").replace(/\/$/, "");
      }
    }
    throw new Error(`did not start: ${out}`);
  }

  async function exitOf(signal: NodeJS.Signals): Promise<number | null> {
    const exit = once(child!, "exit");
    child!.kill(signal);
    return (await exit)[0];
  }

  it("prints an invalid setting in one line, and exits with 1", async () => {
    const { code, err, out } = await run(["--port", "none"]);
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, /^PORT: invalid "none": expected [^\n]*\n$/);
  });

  it("prints its settings with --help, and exits with 0", async () => {
    const { code, out } = await run(["--help"]);
    assert.equal(code, 0);
    assert.match(out, /--tick-rate/);
  });

  it("prints the address, serves the health check, makes its key readable only to its owner, and hides the operator's tools", async () => {
    const address = await serve();
    assert.equal((await fetch(`${address}/healthz`)).status, 200);
    assert.equal(statSync(path.join(dataDir, SECRET_FILE)).mode & 0o777, 0o600);
    for (const tool of ["monitor", "playground"]) assert.equal((await fetch(`${address}/${tool}`)).status, 404);
    assert.equal(await exitOf("SIGTERM"), 0);
  });

  it("serves the monitor and the playground only to the operator", async () => {
    const address = await serve("--admin-user", "op", "--admin-password", "correct horse");
    const ask = async (tool: string, credentials?: string): Promise<number> => {
      const headers = credentials === undefined ? undefined : { authorization: `Basic ${btoa(credentials)}` };
      return (await fetch(`${address}/${tool}`, { headers })).status;
    };
    for (const tool of ["monitor", "playground"]) {
      assert.deepEqual([await ask(tool), await ask(tool, "op:guess")], [401, 401]);
      assert.equal(await ask(tool, "op:correct horse"), 200);
    }
    assert.equal(await exitOf("SIGTERM"), 0);
  });

  it("reports in one line that the port is in use, and exits with 1", async () => {
    const address = await serve();
    const port = new URL(address).port;
    const other = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
    const { code, err } = await run([
      "--port",
      port,
      "--host",
      "127.0.0.1",
      "--data-dir",
      other,
      "--log-level",
      "silent",
    ]);
    rmSync(other, { recursive: true, force: true });
    assert.equal(code, 1);
    assert.match(err, new RegExp(`^PORT: ${port} is already in use`));
  });

  it("on SIGINT closes clients with SERVER_SHUTDOWN, ends their matches and exits with 0", async () => {
    const address = await serve();
    const client = new Client(address);
    await client.auth.signInAnonymously();
    const room = await untilAccepted(() => client.joinOrCreate<any>("arena", { mode: "ffa" }));
    const code = new Promise<number>((resolve) => room.onLeave(resolve));
    await new Promise<void>((resolve) => room.onStateChange.once(() => resolve()));
    assert.equal(await exitOf("SIGINT"), 0);
    assert.equal(await code, closeCodes.SERVER_SHUTDOWN.code);
  });

  it("lets running matches continue for DRAIN_SECONDS, and exits immediately on a second signal", async () => {
    const address = await serve("--drain-seconds", "60");
    const client = new Client(address);
    client.auth.token = undefined as never;
    await client.auth.signInAnonymously();
    const first = await untilAccepted(() => client.create<any>("arena", { mode: "duel" }));
    await new Promise<void>((resolve) => {
      const check = (state: any) => state.phase === "countdown" && resolve();
      first.onStateChange(check);
    });
    child!.kill("SIGTERM");
    const { tick } = first.state;
    await new Promise<void>((resolve) => {
      const check = (state: any) => state.tick > tick + 40 && resolve();
      first.onStateChange(check);
    });
    first.reconnection.enabled = false;
    assert.equal(await exitOf("SIGTERM"), 1);
  });
}).timeout(240_000);
