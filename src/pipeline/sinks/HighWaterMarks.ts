/**
 * The highest record number of each outbox that one partition has received. A relay that died between the brokers'
 * acknowledgement and its own acknowledgement in the outbox sends records again, under new offsets but with the same header
 * `seq`; the marks show that they are repeats.
 *
 * An outbox without messages for 14 days is forgotten. That is twice the log's usual retention, so its relay has drained it long
 * ago. The days are counted from the clock or from the newest append time, whichever is earlier, because one of them may be wrong.
 */
import type { LogMessage } from "../log/EventLog.ts";

const FORGET_AFTER_MS = 14 * 86_400_000;

interface Seq {
  readonly outboxId: string;
  readonly recordNumber: number;
}

/** Splits the header `seq`, `OUTBOX:RECORD`; null if it is missing or malformed. */
export function parseSeq(seq: string | undefined): Seq | null {
  if (seq === undefined) return null;
  const colon = seq.lastIndexOf(":");
  const digits = seq.slice(colon + 1);
  if (colon < 1 || !/^\d{1,15}$/.test(digits)) return null;
  return { outboxId: seq.slice(0, colon), recordNumber: Number(digits) };
}

interface Mark {
  number: number;
  /** Append time of its last message, Unix ms. */
  seenAt: number;
}

export class HighWaterMarks {
  readonly #marks: Map<string, Mark>;

  constructor(marks: Iterable<[string, Mark]> = []) {
    this.#marks = new Map(marks);
  }

  /** The inverse of `toString`. Throws on text that is not JSON. */
  static parse(text: string): HighWaterMarks {
    const entries = Object.entries(JSON.parse(text) as Record<string, [number, number]>);
    return new HighWaterMarks(entries.map(([outboxId, [number, seenAt]]) => [outboxId, { number, seenAt }]));
  }

  /**
   * Raises the mark of the message's outbox. Returns false if the message repeats an earlier one. A message without `seq` is
   * always new.
   */
  tryAccept({ headers, appendedAt }: Pick<LogMessage, "headers" | "appendedAt">): boolean {
    const seq = parseSeq(headers.seq);
    if (seq === null) return true;
    const mark = this.#marks.get(seq.outboxId);
    if (mark === undefined) {
      this.#marks.set(seq.outboxId, { number: seq.recordNumber, seenAt: appendedAt });
      return true;
    }
    mark.seenAt = Math.max(mark.seenAt, appendedAt);
    if (seq.recordNumber <= mark.number) return false;
    mark.number = seq.recordNumber;
    return true;
  }

  copy(): HighWaterMarks {
    return new HighWaterMarks([...this.#marks].map(([outboxId, mark]) => [outboxId, { ...mark }]));
  }

  /** `{"outboxId":[recordNumber, Unix ms]}`, without the outboxes that had no message in the 14 days before `nowMs`. */
  toString(nowMs: number): string {
    const newestMs = Math.max(...[...this.#marks.values()].map(({ seenAt }) => seenAt));
    const forgottenMs = Math.min(nowMs, newestMs) - FORGET_AFTER_MS;
    const kept = [...this.#marks].filter(([, { seenAt }]) => seenAt > forgottenMs);
    return JSON.stringify(
      Object.fromEntries(kept.map(([outboxId, { number, seenAt }]) => [outboxId, [number, seenAt]])),
    );
  }
}
