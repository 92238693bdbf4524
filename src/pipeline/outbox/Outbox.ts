/**
 * The outbox port: the durable, ordered store between the game thread and everything that sends or consumes its records.
 * Interfaces only. Records are opaque bytes here; `src/pipeline/events` defines their content.
 *
 * The outbox numbers a record when it is appended. Numbers start at 1, increase, may have gaps, and are never used twice, not
 * even after a crash. A record is committed when it survives the failures that the chosen durability covers.
 */
import type { OutboxMode, SheddingLevel } from "./modes.ts";

/** `power`: committed means synced to the disk. `process`: committed means handed to the operating system. */
export type Durability = "power" | "process";

/** The game thread uses it. An outbox has at most one writer, which holds an operating-system lock. */
export interface OutboxWriter {
  /** Random; never changes for this directory. */
  readonly id: string;
  /** Id of the first outbox of this log: its own, or that of the damaged outbox that this one continues. */
  readonly logId: string;
  readonly directory: string;
  /**
   * Copies `length` bytes and returns the record's number. Never waits, never throws, does no I/O.
   * Returns 0 if the record is lost: the outbox is closed, or it has failed and its memory is full.
   */
  append(bytes: Uint8Array, length: number): number;
  /**
   * Number of the newest record, whether this writer appended it or found it when it opened the outbox; 0 without any record.
   */
  readonly appended: number;
  /** All records up to this number are committed. */
  readonly committed: number;
  /** Records that were lost since the outbox was opened. */
  readonly lostRecords: number;
  /** Age of the oldest appended record that is not committed; 0 if there is none. */
  commitLagMs(): number;
  /** Size of the files that are not completely acknowledged, and of the records in memory. */
  sizeBytes(): number;
  /**
   * Age of the oldest record that is not acknowledged, to the second; 0 if there is none. Never more than the time since this
   * writer opened the outbox.
   */
  oldestSeconds(): number;
  readonly mode: OutboxMode;
  /** Why no new match is allowed to start, as one line without a path, because players see it; null in mode `open`. Updates `mode` first. */
  refusal(): string | null;
  readonly shedding: SheddingLevel;
  /** Calls `listener` after each change of mode. Returns a function that removes the listener. */
  onMode(listener: (mode: OutboxMode) => void): () => void;
  /**
   * Stores a small named definition beside the records, and keeps it as long as the outbox. The definition is on disk when this
   * function returns. Never call the function in a tick, because its I/O is synchronous. Names match `[a-z0-9-]+`. The same name
   * must always have the same bytes.
   */
  define(name: string, bytes: Uint8Array): void;
  /** Resolves when everything appended so far is committed. Rejects if the outbox fails or is closed first. */
  whenCommitted(): Promise<void>;
  /** Commits what was appended, if possible, and releases the lock. */
  close(): Promise<void>;
}

export interface OutboxRecord {
  readonly number: number;
  /** Unix ms of the append. All records of one commit have the same value. */
  readonly appendedAt: number;
  readonly bytes: Uint8Array;
}

export interface OutboxBatch {
  readonly records: readonly OutboxRecord[];
  /** Pass this as `after` to read the next batch. */
  readonly next: number;
}

/** Reads an outbox while it is written, from any process. Any number of readers can exist; they need no lock. */
export interface OutboxReader {
  readonly id: string;
  readonly directory: string;
  /**
   * Records with numbers above `after`, in order, about `bytesMax` bytes (at least one commit); empty if there are no more yet.
   * Sequential calls are cheap; a jump costs a scan of block headers (a block contains the records of one commit). Calls must
   * not overlap. A reader can return a record shortly before the record counts as committed, but a drain returns it only once it
   * is synced. Rejects with `OutboxDamaged` if stored bytes are damaged.
   */
  read(after: number, bytesMax: number): Promise<OutboxBatch>;
  /** A definition that the writer stored; null if there is none. */
  definition(name: string): Promise<Uint8Array | null>;
  close(): Promise<void>;
}

/** `null` removes the key. */
export type StateChanges = Iterable<readonly [key: string, value: Uint8Array | null]>;

/**
 * The reader that acknowledges. An outbox has at most one drain. The drain holds an operating-system lock, which is released
 * when the process dies. Besides the acknowledged number, the drain keeps a small key-value area, which changes in the same
 * transaction.
 */
export interface OutboxDrain extends OutboxReader {
  /** Every record up to this number is acknowledged. Start reading from here after a restart. */
  readonly acknowledged: number;
  readonly state: ReadonlyMap<string, Uint8Array>;
  /**
   * Acknowledges all records up to `upTo` and applies `changes`, in one transaction, without blocking the writer. Resolves when
   * the change survives the death of the process. Disk space is freed file by file. Keep the key-value area small, because each
   * call rewrites it. After a power loss, the outbox can return to an older acknowledgement, with the key-value area of that
   * time. All records with numbers above that older acknowledgement still exist.
   */
  acknowledge(upTo: number, changes?: StateChanges): Promise<void>;
}

export interface OutboxListing {
  readonly id: string;
  readonly directory: string;
  readonly writerAlive: boolean;
  readonly drainAlive: boolean;
}

/** Another process, or another part of this one, holds the lock. */
export class OutboxLocked extends Error {
  override readonly name = "OutboxLocked";
}

/** Stored bytes differ from what was written, and the difference is not the incomplete end that a crash leaves. */
export class OutboxDamaged extends Error {
  override readonly name = "OutboxDamaged";
}
