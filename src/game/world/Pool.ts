/**
 * A fixed number of slots for things that appear and disappear. An entry stays in its slot for as long as it lives, and its
 * fields are read and written at the slot: `orbs.x[at]`. All that a pool remembers is part of the world.
 *
 * `each` calls a function for each entry. Where that costs too much, loop over the slots from 0 to `capacity` and skip those in
 * which no entry `lives`.
 */
import type { NumberArray } from "./numbers.ts";

/** Names that no field of a pool may have. */
export const POOL_MEMBERS: readonly string[] = [
  "spawn",
  "free",
  "each",
  "count",
  "spawned",
  "capacity",
  "serial",
  "lives",
];

export class Pool {
  readonly capacity: number;
  /**
   * By slot: 0 for a free slot; otherwise the number of the entry, counted from 1 over the whole match. Unlike a slot it is
   * never used again, so it can name an entry in events and in the synced state. Read it only.
   */
  readonly serial: Uint32Array;
  readonly #numbers: Uint32Array;
  readonly #fields: readonly NumberArray[];

  /** `numbers` holds how many entries were ever spawned, and how many live. */
  constructor(numbers: Uint32Array, serial: Uint32Array, fields: readonly NumberArray[]) {
    this.capacity = serial.length;
    this.serial = serial;
    this.#numbers = numbers;
    this.#fields = fields;
  }

  /** How many entries live. */
  get count(): number {
    return this.#numbers[1];
  }

  /** Whether an entry lives in the slot. */
  lives(at: number): boolean {
    return this.serial[at] > 0;
  }

  /** Takes the lowest free slot, sets all its fields to 0 and returns it; −1 if the pool is full. */
  spawn(): number {
    const at = this.#numbers[1] === this.capacity ? -1 : this.serial.indexOf(0);
    if (at < 0) return -1;
    this.serial[at] = ++this.#numbers[0];
    this.#numbers[1]++;
    this.#clear(at);
    return at;
  }

  /** Ends the entry in the slot. Throws if no entry lives there. */
  free(at: number): void {
    if (!this.lives(at))
      throw new Error(
        `no entry lives in slot ${at} of ${this.capacity}: free an entry once, at the slot that spawn returned`,
      );
    this.serial[at] = 0;
    this.#numbers[1]--;
    this.#clear(at);
  }

  /**
   * Calls `visit` with the slot of each entry, in ascending order of slots. `visit` may free and spawn entries: a freed entry is
   * not visited any more, and an entry that is spawned during the loop is not visited in it.
   */
  each(visit: (at: number) => void): void {
    const last = this.#numbers[0];
    for (let at = 0; at < this.capacity; at++) {
      const serial = this.serial[at];
      if (serial > 0 && serial <= last) visit(at);
    }
  }

  /** So that neither equal worlds differ in their free slots, nor an entry begins with what was written into a free one. */
  #clear(at: number): void {
    for (const field of this.#fields) field[at] = 0;
  }
}
