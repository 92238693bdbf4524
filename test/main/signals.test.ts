/** Signals to what a supervisor or a terminal starts: npm. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { descendantsOf, isAlive } from "../chaos/processTree.ts";

const root = path.resolve(import.meta.dirname, "../..");
/** As in the shell of a user: npm itself then runs on the system's Node. */
const PATH = process.env.PATH!.split(path.delimiter).filter((folder) => !folder.includes("node_modules"));

describe("a signal to npm start", () => {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  let wrapper: ChildProcess;
  let started: readonly number[] = [];
  let output = "";

  afterEach(async () => {
    for (const pid of started.filter(isAlive)) process.kill(pid, "SIGKILL");
    if (wrapper.exitCode === null && wrapper.signalCode === null) {
      wrapper.kill("SIGKILL");
      await once(wrapper, "exit");
    }
  });
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  /** Starts it as leader of a new process group, and resolves once `ready` is in its output. */
  async function start(command: readonly string[], ready = "Hypogeum is ready"): Promise<void> {
    output = "";
    wrapper = spawn(command[0], command.slice(1), {
      cwd: root,
      detached: true,
      env: { HOME: process.env.HOME, PATH: PATH.join(path.delimiter), ...settings() },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [wrapper.stdout!, wrapper.stderr!])
      stream.setEncoding("utf8").on("data", (text: string) => void (output += text));
    while (!output.includes(ready)) {
      const ended = await Promise.race([once(wrapper.stdout!, "data").then(() => false), once(wrapper, "exit")]);
      if (ended !== false) throw new Error(`it ended: ${output}`);
    }
    started = descendantsOf(wrapper.pid!);
  }

  const settings = () => ({ PORT: "0", HOST: "127.0.0.1", DATA_DIR: dataDir });

  /** Resolves with the exit code once the wrapper and all that it started have ended. */
  async function ended(): Promise<number | NodeJS.Signals> {
    const [code, signal] = await once(wrapper, "close");
    return code ?? signal;
  }

  it("stops the server gracefully if only npm gets it, and npm exits with 0", async () => {
    await start(["npm", "start"]);
    const end = ended();
    wrapper.kill("SIGTERM");
    assert.equal(await end, 0);
    assert.match(output, /"signal":"SIGTERM"[^\n]*"stopping/);
    assert.deepEqual(started.filter(isAlive), []);
  });

  it("is one request if the server gets it twice: Ctrl-C in a terminal reaches npm and the server", async () => {
    await start(["npm", "start"]);
    const end = ended();
    process.kill(-wrapper.pid!, "SIGINT");
    assert.equal(await end, 0);
    assert.match(output, /"signal":"SIGINT"[^\n]*"stopping/);
    assert.deepEqual(started.filter(isAlive), []);
  });

  it("stops the server gracefully if every process gets it, the embedded database included: systemd signals a whole unit", async () => {
    await start(["npm", "start"]);
    const end = ended();
    process.kill(-wrapper.pid!, "SIGTERM");
    assert.equal(await end, 0);
    assert.doesNotMatch(output, /"level":[56]0|the database process exited/);
    assert.deepEqual(started.filter(isAlive), []);
  });
}).timeout(240_000);
