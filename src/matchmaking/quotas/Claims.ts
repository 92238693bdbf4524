/** The store of what counts towards the limits. Interfaces only. */

/** A set of ids, such as that of the rooms of one player, and how many ids it may contain. */
export interface ClaimSet {
  readonly name: string;
  readonly max: number;
}

export interface Claims {
  /**
   * Adds `id` to all of `sets`, unless one of them is full: resolves to the position of the first full one, or to −1. The id stays
   * for `ms`, or until it is removed or this process has died. An id that is already in a set only gets the new time. A null `id`
   * is not added. Atomic.
   */
  add(sets: readonly ClaimSet[], id: string | null, ms: number): Promise<number>;
  remove(names: readonly string[], id: string): Promise<void>;
  close(): void;
}
