/**
 * What a consumer knows about one partition: how old the oldest message is that the handler has not stored, and which failures
 * stand. Outlives the attempts to consume the partition, because a new attempt proves nothing.
 */
import { NotStored, PartitionLost } from "./EventLog.ts";
import { toLine } from "./toLine.ts";

/** Messages up to `next` that the handler has accepted, but perhaps keeps in memory. */
interface Accepted {
  next: bigint;
  /** Append time of the first of them, Unix ms. */
  readonly appendedAt: number;
}

/** Messages that were appended within this time are counted as one, which limits memory. */
const RESOLUTION_MS = 1000;

export class PartitionProgress {
  /** Reads the offset up to which the handler has stored; null if it does not know or has stored nothing. */
  readonly #storedOffset: () => bigint | null;
  readonly #keepsInMemory: boolean;
  readonly #keepsForMs: number;
  readonly #accepted: Accepted[] = [];
  /** Append time of the oldest message that the handler has not accepted, or the time since which there may be one. */
  #waitingSince: number | null = null;
  #assignFailure: string | null = null;
  #applyFailure: { readonly line: string; readonly next: bigint } | null = null;
  #storeFailure: { readonly line: string; readonly offset: bigint } | null = null;

  /**
   * @param storedOffset null for a handler that has stored a batch when `apply` resolves.
   * @param keepsForMs how long the handler keeps messages in memory on purpose.
   */
  constructor(storedOffset: (() => bigint | null) | null, keepsForMs = 0) {
    this.#keepsForMs = keepsForMs;
    this.#keepsInMemory = storedOffset !== null;
    this.#storedOffset = storedOffset ?? (() => null);
  }

  /** Messages wait since `sinceMs`, unless others have waited for longer. */
  startWaiting(sinceMs: number): void {
    this.#waitingSince = Math.min(this.#waitingSince ?? sinceMs, sinceMs);
  }

  /** The handler begins at `next`; everything before it is stored. `hasMore`: whether the log has messages from there. */
  assigned(next: bigint, hasMore: boolean): void {
    this.#assignFailure = null;
    this.#forgetStored(next);
    if (!hasMore) this.#waitingSince = null;
  }

  /** The handler has accepted everything before `next`. @param waitingSinceMs append time of what follows; null for nothing. */
  applied(next: bigint, messages: readonly { readonly appendedAt: number }[], waitingSinceMs: number | null): void {
    this.#waitingSince = waitingSinceMs;
    if (this.#applyFailure !== null && next >= this.#applyFailure.next) this.#applyFailure = null;
    if (!this.#keepsInMemory || messages.length === 0) return;
    const last = this.#accepted.at(-1);
    // After a failure, the same messages are read again.
    if (last !== undefined && next <= last.next) return;
    const { appendedAt } = messages[0];
    if (last !== undefined && appendedAt - last.appendedAt < RESOLUTION_MS) last.next = next;
    else this.#accepted.push({ next, appendedAt });
  }

  assignFailed(error: unknown): void {
    if (!this.#noteSpecial(error)) this.#assignFailure = toLine(error);
  }

  /** @param next the offset after the batch. */
  applyFailed(error: unknown, next: bigint): void {
    if (!this.#noteSpecial(error)) this.#applyFailure = { line: toLine(error), next };
  }

  /** What the handler keeps in memory could not be stored. It stands until the stored offset has moved past it. */
  storeFailed(error: NotStored): void {
    this.#storeFailure = { line: toLine(error), offset: error.firstOffset };
  }

  /** Seconds; 0 if everything is stored, except what is kept in memory on purpose. */
  lagSeconds(nowMs: number): number {
    this.#forgetStored(this.#storedOffset());
    const [accepted] = this.#accepted;
    const dueSince = accepted === undefined ? nowMs : accepted.appendedAt + this.#keepsForMs;
    const oldest = Math.min(dueSince, this.#waitingSince ?? nowMs);
    return Math.max(0, (nowMs - oldest) / 1000);
  }

  /** Whether the handler has accepted every message that is known to exist. */
  isCaughtUp(): boolean {
    return this.#waitingSince === null;
  }

  /** Why the partition makes no progress, one line each. */
  problems(): string[] {
    const stored = this.#storedOffset();
    if (this.#storeFailure !== null && stored !== null && stored > this.#storeFailure.offset) this.#storeFailure = null;
    const lines = [this.#storeFailure?.line, this.#applyFailure?.line, this.#assignFailure ?? undefined];
    return lines.filter((line) => line !== undefined);
  }

  /** Handles the errors that mean the same in every call. Returns whether this is one of them. */
  #noteSpecial(error: unknown): boolean {
    // Normal in a consumer group: another consumer has stored the messages. The next assignment shows what is left.
    if (error instanceof PartitionLost) {
      this.#accepted.length = 0;
      this.#waitingSince = null;
      this.#assignFailure = null;
      this.#applyFailure = null;
      this.#storeFailure = null;
      return true;
    }
    if (error instanceof NotStored) this.storeFailed(error);
    return error instanceof NotStored;
  }

  #forgetStored(stored: bigint | null): void {
    while (stored !== null && this.#accepted.length > 0 && this.#accepted[0].next <= stored) this.#accepted.shift();
  }
}
