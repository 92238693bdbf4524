/**
 * The port of the live feed: the last few thousand notifications in one order, and a cursor for each partition of the log.
 * Both change together. Old entries are dropped at any time. Implemented in memory (`RingFeed`) and in Redis (`RedisFeed`).
 */
export interface LiveEntry {
  /**
   * `started`, `ended`, `kill`, `stats`, `announce`; for one player: `match_found`, `rating_changed`, `party_invitation`,
   * `operator_message`.
   */
  readonly event: string;
  /** Id of the only player who may see it; absent if everyone may. */
  readonly to?: string;
  /** JSON without line breaks. */
  readonly data: string;
}

export interface StoredEntry extends LiveEntry {
  /** `ms-number`: increases with every entry, also across restarts. */
  readonly id: string;
}

/** The event that every connection receives, also those that receive only the entries of their player. */
export const ANNOUNCE = "announce";

export const FIRST_ID = "0-0";

export interface LiveFeed {
  /** The cursor that `append` stored last for the partition; null before the first. */
  cursor(partition: string): Promise<string | null>;
  /**
   * Adds the entries and sets the partition's cursor to `to`, both or neither. Resolves to false, and changes nothing, if the
   * cursor is not `from`. The oldest entries beyond the limit are dropped. If it rejects, both or neither may have happened.
   */
  append(partition: string, from: string | null, to: string, entries: readonly LiveEntry[]): Promise<boolean>;
  /** Adds entries without a cursor: delivered at most once. */
  publish(entries: readonly LiveEntry[]): Promise<void>;
  /** The oldest `limit` entries after `id` that have not been dropped. */
  readAfter(id: string, limit: number): Promise<StoredEntry[]>;
  /** Calls `listener` with every entry that is added after this resolves, in order, until the returned function is called. */
  subscribe(listener: (entries: readonly StoredEntry[]) => void): Promise<() => void>;
  /** Removes entries and cursors. */
  clear(): Promise<void>;
  /** Why the feed is unavailable, as one line that names the variable to check; null if it works. */
  problem(): string | null;
  close(): Promise<void>;
}

const ID = /^(\d{1,15})-(\d{1,15})$/;

export function isEntryId(text: string): boolean {
  return ID.test(text);
}

/** Whether the id `a` comes after `b`. */
export function comesAfter(a: string, b: string): boolean {
  const [msA, numberA] = a.split("-").map(Number);
  const [msB, numberB] = b.split("-").map(Number);
  return msA === msB ? numberA > numberB : msA > msB;
}
