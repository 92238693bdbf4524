/**
 * One supervised process: starts it, restarts it after a pause if it exits unexpectedly, and stops it.
 *
 *     starting → running → paused → starting      unexpected exit; the pause grows if the process keeps exiting soon
 *     any of them → stopped                       final
 */
import { type ChildProcess, fork } from "node:child_process";
import { RestartPauses } from "../../platform/async/RestartPauses.ts";
import { waitMs } from "../../platform/async/waiting.ts";
import { siblingModule } from "../../platform/files/siblingModule.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import type { PlannedProcess } from "./processPlan.ts";

/** Sent by the process once it is ready. Libraries use the same channel for messages of their own. */
export interface ReadyMessage {
  readonly type: "ready";
  /** An address that a browser on this machine can open. */
  readonly address: string;
}
/** Sent by the process before it exits, if it cannot start. */
export interface RefusalMessage {
  readonly type: "refused";
  readonly line: string;
}
/** Sent to the process to stop it. A closed channel means the same. */
export const STOP_MESSAGE = "stop";
/** Time limit for stopping a process, in addition to the drain. */
export const STOP_WITHIN_MS = 25_000;

const ENTRY = siblingModule(import.meta, "./supervisedEntry");
const BACKOFF_FIRST_MS = 500;
const BACKOFF_LAST_MS = 15_000;

export class SupervisedProcess {
  /** The address of the first start; rejects if the process exits before it is ready. */
  readonly ready: Promise<string>;
  readonly #planned: PlannedProcess;
  readonly #logger: Logger;
  readonly #onRefused: (line: string) => void;
  readonly #stopping = new AbortController();
  readonly #running: Promise<number>;
  #child: ChildProcess | null = null;

  /** @param onRefused Called with the reason, in one line, if the process cannot start. */
  constructor(planned: PlannedProcess, logger: Logger, onRefused: (line: string) => void) {
    this.#planned = planned;
    this.#logger = logger;
    this.#onRefused = onRefused;
    const ready = Promise.withResolvers<string>();
    // A rejection without a listener would be unhandled; the failure is logged anyway.
    ready.promise.catch(() => {});
    this.ready = ready.promise;
    this.#running = this.#run(ready);
  }

  /** Stops it gracefully, and kills it after `withinMs`. Resolves with its exit code, 1 if it was killed. */
  async stop(withinMs: number): Promise<number> {
    this.#stopping.abort();
    const child = this.#child;
    // A closed channel has already stopped the process.
    if (child?.connected) child.send(STOP_MESSAGE, () => {});
    const timer = setTimeout(() => {
      this.#logger.warn({ process: this.#planned.name, withinMs }, "process did not stop in time; killing it");
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
    const pauses = new RestartPauses(BACKOFF_FIRST_MS, BACKOFF_LAST_MS);
    let code = 0;
    let wasReady = false;
    const onReady = ({ address }: ReadyMessage) => {
      if (wasReady) this.#logger.info({ process: name }, "process restarted and ready");
      wasReady = true;
      ready.resolve(address);
    };
    while (!this.#stopping.signal.aborted) {
      pauses.onStart();
      code = await this.#runOnce(onReady);
      if (!wasReady) ready.reject(new Error(`${name} exited with code ${code} before it was ready`));
      if (!wasReady || this.#stopping.signal.aborted) break;
      const retryInMs = pauses.takeMs();
      this.#logger.error({ process: name, code, retryInMs }, "process exited unexpectedly; restarting");
      await waitMs(retryInMs, this.#stopping.signal);
    }
    return code;
  }

  /** Runs the process once. Resolves with its exit code, 1 if a signal ended it. */
  #runOnce(onReady: (message: ReadyMessage) => void): Promise<number> {
    const child = fork(ENTRY, { env: this.#planned.env, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#child = child;
    child.on("message", (message: ReadyMessage | RefusalMessage | null) => {
      if (message?.type === "ready") onReady(message);
      else if (message?.type === "refused") this.#onRefused(message.line);
    });
    return new Promise((resolve) => {
      // A process that could not be created has no `exit` event.
      child.on("error", (error) => {
        this.#logger.error({ process: this.#planned.name, error: error.message }, "process failed");
        if (child.pid === undefined) resolve(1);
      });
      child.on("exit", (code) => {
        this.#child = null;
        // The last messages arrive before the channel closes, but not always before this event.
        if (child.connected) child.once("disconnect", () => resolve(code ?? 1));
        else resolve(code ?? 1);
      });
    });
  }
}
