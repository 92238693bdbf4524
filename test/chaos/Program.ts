/** One process of the program, started as an operator starts it. It can be killed, paused, and started again on its port. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Readiness } from "../../src/platform/health/readiness.ts";
import { findFreePort } from "../../tools/services/ports.ts";

const START = path.join(import.meta.dirname, "../../src/main/start.ts");
const READY = "Hypogeum is ready";

/** Variables of a program whose `readiness` shows the addresses of services. */
export const OPERATOR = { ADMIN_USER: "operator", ADMIN_PASSWORD: "operator-password" } as const;

export interface ProgramOptions {
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Arguments of Node itself. */
  readonly nodeArgs?: readonly string[];
  /** The module that starts the program. Default: that of this tree. */
  readonly start?: string;
  /** One of several processes that clients may be sent to: it announces its own address. */
  readonly oneOfMany?: true;
}

export class Program {
  readonly port: number;
  /** Everything that the process has printed since its first start. */
  output = "";
  #options: ProgramOptions;
  #child: ChildProcess | null = null;
  /** Exit code or signal of the current or last process. Resolves once that process and its children are gone. */
  ended: Promise<number | NodeJS.Signals> = Promise.resolve(0);

  private constructor(port: number, options: ProgramOptions) {
    this.port = port;
    this.#options = options;
  }

  static async make(options: ProgramOptions): Promise<Program> {
    return new Program(await findFreePort([]), options);
  }

  static async start(options: ProgramOptions): Promise<Program> {
    const program = await Program.make(options);
    await program.start();
    return program;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  /** Sets variables for the next start. */
  changeEnv(env: Readonly<Record<string, string>>): void {
    this.#options = { ...this.#options, env: { ...this.#options.env, ...env } };
  }

  /** Resolves when the program reports that it is ready. Rejects with its output if it ends before. */
  async start(): Promise<void> {
    const from = this.output.length;
    const exited = this.spawn();
    const ready = async () => {
      while (!this.output.includes(READY, from)) await once(this.#child!.stdout!, "data");
      return null;
    };
    const code = await Promise.race([ready(), exited]);
    if (code !== null) throw new Error(`the program ended with ${code}: ${this.output.slice(from)}`);
  }

  /** Starts without waiting for readiness, optionally as another user. Resolves with the exit code or signal. */
  spawn(uid?: number): Promise<number | NodeJS.Signals> {
    const { dataDir, args = [], nodeArgs = [], start = START } = this.#options;
    const env = { ...this.#options.env, ...(this.#options.oneOfMany && { PUBLIC_ADDRESS: `127.0.0.1:${this.port}` }) };
    const given = ["--port", String(this.port), "--host", "127.0.0.1", "--data-dir", dataDir, ...args];
    const child = spawn(process.execPath, [...nodeArgs, start, ...given], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      uid,
    });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => void (this.output += text));
    const end = () => child.kill("SIGKILL");
    process.once("exit", end);
    this.#child = child;
    this.ended = once(child, "close").then(([code, signal]) => {
      process.off("exit", end);
      return code ?? signal;
    });
    return this.ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Kills the process with SIGKILL. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  /** Stops the process gracefully, with SIGTERM. */
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  /** What `/readyz` answers, to an operator if ADMIN_USER is set; null if the process does not respond. */
  async readiness(): Promise<Readiness | null> {
    const { ADMIN_USER, ADMIN_PASSWORD } = this.#options.env;
    const authorization = `Basic ${btoa(`${ADMIN_USER}:${ADMIN_PASSWORD}`)}`;
    const headers: HeadersInit = ADMIN_USER === undefined ? {} : { authorization };
    const answer = await fetch(`${this.url}/readyz`, { headers }).catch(() => null);
    return answer === null ? null : ((await answer.json()) as Readiness);
  }

  /** The problems and warnings of `/readyz`, one line each; null if the process does not respond. */
  async reported(): Promise<readonly string[] | null> {
    const readiness = await this.readiness();
    return readiness === null ? null : [...readiness.problems, ...readiness.warnings];
  }

  /**
   * Resolves to what `/readyz` answers once the process is ready. Waits for other problems to end, such as a disk that is slow for a
   * moment, but rejects if one matches `unexpected`.
   */
  async untilReady(unexpected: RegExp): Promise<Readiness> {
    for (;;) {
      const readiness = (await this.readiness())!;
      if (readiness.ready) return readiness;
      assert.doesNotMatch(readiness.problems.join("\n"), unexpected);
      await delay(100);
    }
  }

  /** Resolves when `/readyz` reports nothing. Rejects with what it reports after `withinMs`. */
  async untilHealthy(withinMs = 60_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    for (let lines = await this.reported(); lines?.length !== 0; lines = await this.reported()) {
      if (performance.now() > deadline) throw new Error(`not healthy within ${withinMs} ms: ${lines?.join(" | ")}`);
      await delay(100);
    }
  }

  /** Resolves with the first line of `/readyz` that matches. Rejects with its other lines after `withinMs`. */
  async untilReported(wanted: RegExp, withinMs = 20_000): Promise<string> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const lines = (await this.reported()) ?? [];
      const found = lines.find((line) => wanted.test(line));
      if (found !== undefined) return found;
      if (performance.now() > deadline) throw new Error(`no ${wanted} within ${withinMs} ms: ${lines.join(" | ")}`);
      await delay(100);
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill(signal);
    await closed;
  }
}
