import { Semaphore } from "async-mutex";

/**
 * Maximum of concurrent shared calls. An exclusive call takes every slot. Each release loops over all slots, so a huge number
 * costs time.
 */
const SLOTS = 1024;

/**
 * Runs shared calls concurrently, up to 1024 at a time, and each exclusive call alone. Calls start in order of arrival, so a
 * shared call waits for an exclusive call that came earlier.
 */
export class Gate {
  readonly #slots = new Semaphore(SLOTS);

  shared<T>(call: () => Promise<T>): Promise<T> {
    return this.#slots.runExclusive(call);
  }

  exclusive(call: () => Promise<void>): Promise<void> {
    return this.#slots.runExclusive(call, SLOTS);
  }
}
