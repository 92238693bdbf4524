/**
 * Owns one process of the program through all its lives: starts it, starts it again after a pause when it ends unasked, stops it.
 *
 *     starting → running → paused → starting      it ended by itself; the pause grows while it does not live long
 *     any of them → stopped                       for good
 */
import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import { Backoff } from "../../platform/async/Backoff.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import type { PlannedProcess } from "./processPlan.ts";

/** What a process tells once it serves. Libraries in it use the same channel for things of their own. */
export interface ReadyMessage {
  readonly type: "ready";
  /** For people: an address to open in a browser on this machine. */
  readonly address: string;
}
/** What it is told; it is told the same by the channel's end. */
export const STOP_MESSAGE = "stop";
/** What the end of a process may take, on top of the drain. */
export const END_WITHIN_MS = 25_000;

const ENTRY = path.join(import.meta.dirname, "supervisedEntry.ts");
const BACKOFF_FIRST_MS = 500;
const BACKOFF_LAST_MS = 15_000;
/** One that lived for so long is started again as if it had never ended. */
const STEADY_MS = 60_000;

export class SupervisedProcess {
  /** The address for people of the first life; rejects where that ended before it served. */
  readonly ready: Promise<string>;
  readonly #planned: PlannedProcess;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #running: Promise<number>;
  #child: ChildProcess | null = null;

  constructor(planned: PlannedProcess, logger: Logger) {
    this.#planned = planned;
    this.#logger = logger;
    const ready = Promise.withResolvers<string>();
    // Whoever does not wait for it is told by the log.
    ready.promise.catch(() => {});
    this.ready = ready.promise;
    this.#running = this.#run(ready);
  }

  /** Lets it end in order, and kills it after `withinMs`. Resolves with its exit code, or 1 where it had to be killed. */
  async stop(withinMs: number): Promise<number> {
    this.#stopping.abort();
    const child = this.#child;
    // Where the channel is closed already, the process knows.
    if (child?.connected) child.send(STOP_MESSAGE, () => {});
    const timer = setTimeout(() => {
      this.#logger.warn({ process: this.#planned.name, withinMs }, "a process did not end in time and is killed");
      this.kill();
    }, withinMs);
    const code = await this.#running;
    clearTimeout(timer);
    return code;
  }

  kill(): void {
    this.#stopping.abort();
    this.#child?.kill("SIGKILL");
  }

  async #run(ready: PromiseWithResolvers<string>): Promise<number> {
    const { name } = this.#planned;
    const backoff = new Backoff(BACKOFF_FIRST_MS, BACKOFF_LAST_MS);
    let code = 0;
    let served = false;
    const serving = ({ address }: ReadyMessage) => {
      if (served) this.#logger.info({ process: name }, "the process is back");
      served = true;
      ready.resolve(address);
    };
    while (!this.#stopping.signal.aborted) {
      const startedAt = performance.now();
      code = await this.#live(serving);
      if (!served) ready.reject(new Error(`${name} ended with ${code} before it was ready`));
      if (!served || this.#stopping.signal.aborted) break;
      if (performance.now() - startedAt > STEADY_MS) backoff.reset();
      this.#logger.error({ process: name, code, retryInMs: backoff.nextMs }, "a process ended and is started again");
      await backoff.wait(this.#stopping.signal);
    }
    return code;
  }

  /** One life; resolves with its exit code, 1 where a signal ended it. */
  #live(serving: (message: ReadyMessage) => void): Promise<number> {
    const child = fork(ENTRY, { env: this.#planned.env, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#child = child;
    child.on("message", (message: ReadyMessage | null) => message?.type === "ready" && serving(message));
    return new Promise((resolve) => {
      // A process that could not even be made has no exit.
      child.on("error", (error) => {
        this.#logger.error({ process: this.#planned.name, error: error.message }, "a process failed");
        if (child.pid === undefined) resolve(1);
      });
      child.on("exit", (code) => {
        this.#child = null;
        resolve(code ?? 1);
      });
    });
  }
}
