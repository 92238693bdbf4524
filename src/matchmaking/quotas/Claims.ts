/** Stores the claims, which count towards the limits of players and addresses. Interfaces only. */

/** A set of ids, such as the rooms of one player, and how many ids it may contain. */
export interface ClaimSet {
  readonly name: string;
  readonly max: number;
}

export interface Claims {
  /**
   * Adds `id` to all of `sets`, or to none if one of them is full. Resolves to the index of the first full set; to −1 if none is
   * full. The id stays for `ms`, but not longer than until it is removed or this process has died. If a set already contains the
   * id, only its time changes. If `id` is null, nothing is added. Atomic.
   */
  add(sets: readonly ClaimSet[], id: string | null, ms: number): Promise<number>;
  remove(names: readonly string[], id: string): Promise<void>;
  close(): void;
}
