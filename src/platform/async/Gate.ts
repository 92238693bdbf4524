/** Shared and exclusive calls: up to 1024 of the former at a time, or one of the latter. */
import { Semaphore } from "async-mutex";

/** Shared calls at a time; an exclusive call takes every slot. Each release walks all of them, so a huge number costs time. */
const SLOTS = 1024;

/** Calls start in the order in which they came: a later shared one waits behind an exclusive one that waits. */
export class Gate {
  readonly #slots = new Semaphore(SLOTS);

  shared<T>(call: () => Promise<T>): Promise<T> {
    return this.#slots.runExclusive(call);
  }

  exclusive(call: () => Promise<void>): Promise<void> {
    return this.#slots.runExclusive(call, SLOTS);
  }
}
