/** The bare consumer as a process beside the program, on the same topics and the same PostgreSQL. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { BareResult, BareSettings } from "../peers/bareConsumer.ts";

const SCRIPT = path.join(import.meta.dirname, "../peers/bareConsumer.ts");

export class BarePeer {
  /** With its Parquet files. */
  readonly folder = mkdtempSync(path.join(tmpdir(), "hypogeum-bench-bare-"));
  readonly #child: ChildProcess;

  constructor(settings: Omit<BareSettings, "folder">) {
    this.#child = fork(SCRIPT, [JSON.stringify({ ...settings, folder: this.folder } satisfies BareSettings)], {
      // kafkajs sets a negative timeout now and then.
      execArgv: ["--disable-warning=TimeoutNegativeWarning"],
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Resolves when everything that the topics have is stored, and the process has ended. */
  async finish(): Promise<BareResult> {
    const ended = once(this.#child, "exit");
    const answered = once(this.#child, "message");
    this.#child.send("finish");
    const [result] = await Promise.race([answered, ended]);
    const [code] = await ended;
    if (code !== 0) throw new Error(`the bare consumer ended with exit code ${code}`);
    return result as BareResult;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, "exit");
      this.#child.kill("SIGKILL");
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
