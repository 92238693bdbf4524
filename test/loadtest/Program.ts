/** The whole program in a child process, on a free port and with an empty data directory. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const start = path.resolve(import.meta.dirname, "../../src/main/start.ts");

export class Program {
  url = "";
  private readonly dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  private child!: ChildProcess;

  get pid(): number {
    return this.child.pid!;
  }

  async start(...args: string[]): Promise<this> {
    const own = ["--port", "0", "--host", "127.0.0.1", "--data-dir", this.dataDir, "--log-level", "error"];
    // All players come from one address.
    own.push("--address-limit-factor", "1000000");
    this.child = spawn(process.execPath, [start, ...own, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    for await (const bytes of this.child.stdout!.iterator({ destroyOnReturn: false })) {
      out += bytes;
      const port = /Open http:\S+?:(\d+)\//.exec(out)?.[1];
      if (port === undefined) continue;
      this.child.stdout!.resume();
      this.url = `http://127.0.0.1:${port}`;
      return this;
    }
    throw new Error(`the program did not start: ${out}`);
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
