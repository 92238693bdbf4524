/** Waits as long as there is progress, so that a slow machine needs no time limit. */
import { setTimeout as delay } from "node:timers/promises";

const LOOK_EVERY_MS = 100;

export class Progress {
  readonly #stillMs: number;
  readonly #tell: () => string;

  /** `stillMs`: maximum time without progress. `tell` returns details for the error message. */
  constructor(stillMs: number, tell: () => string) {
    this.#stillMs = stillMs;
    this.#tell = tell;
  }

  /** Polls until `holds` resolves to true. Rejects once `done` has not risen for `stillMs`. */
  async until(holds: () => Promise<boolean>, done: () => number): Promise<void> {
    let most = done();
    let since = performance.now();
    while (!(await holds())) {
      if (done() > most) {
        most = done();
        since = performance.now();
      } else if (performance.now() - since > this.#stillMs)
        throw new Error(`nothing went on for ${this.#stillMs / 1000} s, after ${most} steps:\n${this.#tell()}`);
      await delay(LOOK_EVERY_MS);
    }
  }
}
