/** Waits as long as there is progress, so that a slow machine does not exceed a fixed time limit. */
import { setTimeout as delay } from "node:timers/promises";

const CHECK_EVERY_MS = 100;

export class Progress {
  readonly #stillMs: number;
  readonly #describe: () => string;

  /** `stillMs`: maximum time without progress. `describe` returns details for the error message. */
  constructor(stillMs: number, describe: () => string) {
    this.#stillMs = stillMs;
    this.#describe = describe;
  }

  /**
   * Polls until `holds` resolves to true. `done` returns the number of steps so far. Rejects if it has not risen for `stillMs`.
   */
  async until(holds: () => Promise<boolean>, done: () => number): Promise<void> {
    let most = done();
    let since = performance.now();
    while (!(await holds())) {
      if (done() > most) {
        most = done();
        since = performance.now();
      } else if (performance.now() - since > this.#stillMs)
        throw new Error(`no progress for ${this.#stillMs / 1000} s, after ${most} steps:\n${this.#describe()}`);
      await delay(CHECK_EVERY_MS);
    }
  }
}
