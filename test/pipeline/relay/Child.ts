/** A child process that runs a script of the tests and communicates in lines. The caller ends it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";

export class Child {
  readonly #process: ChildProcess;
  readonly lines: string[] = [];
  #nextLine = Promise.withResolvers<void>();

  constructor(script: string, args: readonly string[]) {
    const file = path.resolve(import.meta.dirname, script);
    this.#process = spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    createInterface({ input: this.#process.stdout! }).on("line", (line) => {
      this.lines.push(line);
      this.#nextLine.resolve();
      this.#nextLine = Promise.withResolvers();
    });
  }

  /** The first line, past or future, for which `isWanted` returns true. */
  async line(isWanted: (line: string) => boolean): Promise<string> {
    for (let at = 0; ; ) {
      for (; at < this.lines.length; at++) if (isWanted(this.lines[at])) return this.lines[at];
      await this.#nextLine.promise;
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exited;
  }
}
