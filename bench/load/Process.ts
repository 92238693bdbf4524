/** A child process that is pinned to one core. Collects its output, and measures its CPU and memory. Linux only. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { cpuSecondsOf } from "../../loadtest/ServerSamples.ts";

/** The server under test runs on one core, everything else on the other. */
export const SERVER_CORE = "0";
export const LOAD_CORE = "1";

export class Process {
  readonly child: ChildProcess;
  out = "";

  constructor(core: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn("taskset", ["-c", core, process.execPath, ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.child.stdout!.on("data", (bytes) => {
      this.out += bytes;
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Resolves with the first group of `pattern` when the output matches it. Rejects if the process exits before. */
  async waitForOutput(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.out)) {
      if (this.child.exitCode !== null)
        throw new Error(`the process exited with code ${this.child.exitCode}: ${this.out}`);
      await delay(50);
    }
    return pattern.exec(this.out)![1];
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = once(this.child, "close");
    this.child.kill(signal);
    await closed;
  }

  /** Resident memory. */
  rssBytes(): number {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${this.pid}/status`, "utf8"))![1]) * 1024;
  }

  /** Resolves to the user and system time in the next `seconds`, as a share of the core. */
  async measureCpu(seconds: number): Promise<number> {
    const before = cpuSecondsOf(this.pid);
    const from = performance.now();
    await delay(seconds * 1000);
    return ((cpuSecondsOf(this.pid) - before) * 1000) / (performance.now() - from);
  }
}
