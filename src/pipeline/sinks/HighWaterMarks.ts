/**
 * Owns the highest record number that one partition has seen of each outbox, by which repeats are told: a relay that died between
 * the brokers' acknowledgement and its own delete sends records again, under new offsets but with the same header `seq`.
 *
 * An outbox that was silent for 14 days is forgotten, twice the log's usual retention: its relay has drained it long ago.
 */
import type { LogMessage } from "../log/Log.ts";

const FORGET_AFTER_MS = 14 * 86_400_000;

interface Seq {
  readonly outboxId: string;
  readonly recordNumber: number;
}

/** The header `seq` taken apart; null where it is missing or none. */
export function parseSeq(seq: string | undefined): Seq | null {
  if (seq === undefined) return null;
  const colon = seq.lastIndexOf(":");
  const digits = seq.slice(colon + 1);
  if (colon < 1 || !/^\d{1,15}$/.test(digits)) return null;
  return { outboxId: seq.slice(0, colon), recordNumber: Number(digits) };
}

interface High {
  number: number;
  /** Append time of its last message, Unix ms. */
  seenAt: number;
}

export class HighWaterMarks {
  readonly #marks: Map<string, High>;

  constructor(marks: Iterable<[string, High]> = []) {
    this.#marks = new Map(marks);
  }

  /** Reads what `toString` wrote. */
  static parse(text: string): HighWaterMarks {
    const entries = Object.entries(JSON.parse(text) as Record<string, [number, number]>);
    return new HighWaterMarks(entries.map(([outboxId, [number, seenAt]]) => [outboxId, { number, seenAt }]));
  }

  /** False where the message repeats one that was taken before. A message without `seq` is always new. */
  tryAccept({ headers, appendedAt }: Pick<LogMessage, "headers" | "appendedAt">): boolean {
    const seq = parseSeq(headers.seq);
    if (seq === null) return true;
    const high = this.#marks.get(seq.outboxId);
    if (high === undefined) {
      this.#marks.set(seq.outboxId, { number: seq.recordNumber, seenAt: appendedAt });
      return true;
    }
    high.seenAt = Math.max(high.seenAt, appendedAt);
    if (seq.recordNumber <= high.number) return false;
    high.number = seq.recordNumber;
    return true;
  }

  copy(): HighWaterMarks {
    return new HighWaterMarks([...this.#marks].map(([outboxId, high]) => [outboxId, { ...high }]));
  }

  /** `{"outboxId":[recordNumber, Unix ms]}`, without the outboxes that were silent for too long before `nowMs`. */
  toString(nowMs: number): string {
    const kept = [...this.#marks].filter(([, { seenAt }]) => seenAt > nowMs - FORGET_AFTER_MS);
    return JSON.stringify(
      Object.fromEntries(kept.map(([outboxId, { number, seenAt }]) => [outboxId, [number, seenAt]])),
    );
  }
}
