/** Waits for as long as something goes on, however slow the machine is. */
import { setTimeout as delay } from "node:timers/promises";

const LOOK_EVERY_MS = 100;

export class Progress {
  readonly #stillMs: number;
  readonly #tell: () => string;

  /** `tell`: what to say where nothing goes on any more. */
  constructor(stillMs: number, tell: () => string) {
    this.#stillMs = stillMs;
    this.#tell = tell;
  }

  /** Asks until it holds. Rejects once `done` has not risen for a while. */
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
