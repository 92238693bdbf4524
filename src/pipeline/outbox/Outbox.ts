/**
 * The outbox port: the durable, ordered store between the game thread and everything that sends or consumes.
 * Interfaces only. Records are opaque bytes here; what they mean is the business of `src/pipeline/events`.
 *
 * A record is numbered by the outbox when it is appended. Numbers start at 1, rise, may have gaps, and are never used
 * twice, whatever dies. A record is committed once it survives what the chosen durability promises; a tick is finished
 * when its record is committed. The outbox's id is random and stays with its directory.
 */
import type { OutboxMode, SheddingLevel } from "./modes.ts";

/** `power`: committed means synced to the disk. `process`: committed means handed to the operating system. */
export type Durability = "power" | "process";

/** The side of the game thread: exactly one per outbox, guarded by an operating-system lock. */
export interface OutboxWriter {
  readonly id: string;
  readonly directory: string;
  /**
   * Copies `length` bytes and returns the record's number. Never waits, throws, or does I/O.
   * Returns 0 where the record is lost: the outbox is closed, or it has failed and its bounded memory is full.
   */
  append(bytes: Uint8Array, length: number): number;
  /** Number of the last record appended, or found when the outbox was taken over; 0 before the first. */
  readonly appended: number;
  /** Every record up to this number is committed. */
  readonly committed: number;
  /** Records that were lost since the outbox was opened. */
  readonly lostRecords: number;
  /** Age of the oldest record that is appended and not committed; 0 when there is none. */
  commitLagMs(): number;
  /** What is stored and not yet acknowledged, whole files counted, and what waits in memory. */
  sizeBytes(): number;
  /** Age of the oldest record that is not acknowledged, to the second, from its taking over at the most; 0 when there is none. */
  oldestSeconds(): number;
  readonly mode: OutboxMode;
  /** Why no new match may start, as one line for people; null in mode `open`. */
  refusal(): string | null;
  readonly shedding: SheddingLevel;
  /** Calls back after each change of mode; returns a function that ends it. */
  onMode(listener: (mode: OutboxMode) => void): () => void;
  /**
   * Stores a small named definition beside the records, on disk when this returns (synchronous I/O: never from a tick). Definitions
   * are kept as long as the outbox. Names match `[a-z0-9-]+`; the same name always has the same bytes.
   */
  define(name: string, bytes: Uint8Array): void;
  /** Resolves when everything appended so far is committed; rejects when the outbox fails or is closed first. */
  settled(): Promise<void>;
  /** Commits what was appended, where that is possible, and frees the lock. */
  close(): Promise<void>;
}

export interface OutboxRecord {
  readonly number: number;
  /** Unix ms of the append, to the precision of one commit. */
  readonly appendedAt: number;
  readonly bytes: Uint8Array;
}

export interface OutboxBatch {
  readonly records: readonly OutboxRecord[];
  /** Pass this as `after` to go on. */
  readonly next: number;
}

/** Reads an outbox, from any process, while it is written. Any number of readers; no lock. */
export interface OutboxReader {
  readonly id: string;
  readonly directory: string;
  /**
   * Records with numbers above `after`, in order, about `bytesMax` bytes of them (at least one commit where there is
   * one); none when there are no more for now. Sequential calls are cheap, jumps cost a scan of frame headers. Calls may not
   * overlap. A record may be seen a moment before it counts as committed; by the drain, only once it is synced. Throws `OutboxDamaged`.
   */
  read(after: number, bytesMax: number): Promise<OutboxBatch>;
  /** A definition stored by the writer; null where there is none. */
  definition(name: string): Promise<Uint8Array | null>;
  close(): Promise<void>;
}

/** `null` removes the key. */
export type StateChanges = Iterable<readonly [key: string, value: Uint8Array | null]>;

/**
 * The reader that may acknowledge: exactly one per outbox, guarded by an operating-system lock that is freed when its
 * process dies. Beside the position it keeps a small key-value area, changed in the same transaction.
 */
export interface OutboxDrain extends OutboxReader {
  /** Every record up to this number is acknowledged; reading goes on from here after a restart. */
  readonly acknowledged: number;
  readonly state: ReadonlyMap<string, Uint8Array>;
  /**
   * Gives up all records up to `upTo` and applies `changes`, all or nothing, never blocking the writer. Resolves when it survives the death of
   * the process. Space is given back file by file. The key-value area is rewritten each time: keep it small.
   * After a power loss an older acknowledgement may be found, with the key-value area that belonged to it and every
   * record after it.
   */
  acknowledge(upTo: number, changes?: StateChanges): Promise<void>;
}

export interface OutboxListing {
  readonly id: string;
  readonly directory: string;
  readonly writerAlive: boolean;
  readonly drainAlive: boolean;
}

/** Somebody else holds the lock. */
export class OutboxLocked extends Error {
  override readonly name = "OutboxLocked";
}

/** Stored bytes are not what was written, and it is not the torn end that a crash leaves. */
export class OutboxDamaged extends Error {
  override readonly name = "OutboxDamaged";
}
