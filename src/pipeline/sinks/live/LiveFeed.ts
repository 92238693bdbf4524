/**
 * The port of the live feed: the last few thousand notifications, in one order, and for each partition of the log a cursor that
 * moves with them. Interfaces only.
 *
 * Two implementations pass one suite: a ring in memory, and a stream in Redis. Nobody may rely on an entry being there for long.
 */

export interface LiveEntry {
  /** `started`, `ended`, `kill`, `stats`; for one player: `match_found`, `rating_changed`, `party_invitation`. */
  readonly event: string;
  /** Id of the only player who may see it; left out where everybody may. */
  readonly to?: string;
  /** JSON in one line. */
  readonly data: string;
}

export interface StoredEntry extends LiveEntry {
  /** `ms-number`: rises with every entry, over restarts too. */
  readonly id: string;
}

export const FIRST_ID = "0-0";

export interface LiveFeed {
  /** What `append` stored last for the partition; null before. */
  cursor(partition: string): Promise<string | null>;
  /**
   * Adds the entries and sets the partition's cursor, both or neither, and only where the cursor is still `from`: else resolves to
   * false. The oldest entries make room. A rejection leaves open which.
   */
  append(partition: string, from: string | null, to: string, entries: readonly LiveEntry[]): Promise<boolean>;
  /** Adds the entries, which no cursor knows: told at most once. */
  publish(entries: readonly LiveEntry[]): Promise<void>;
  /** The entries after `id` that are still there, the oldest `limit` of them. */
  readAfter(id: string, limit: number): Promise<StoredEntry[]>;
  /** Calls `listener` with every entry that is added after this resolves, in order, until the function it gives is called. */
  subscribe(listener: (entries: readonly StoredEntry[]) => void): Promise<() => void>;
  /** Removes entries and cursors. */
  clear(): Promise<void>;
  /** Why the feed cannot be used, as one line that names the variable to look at; null when all is well. */
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
