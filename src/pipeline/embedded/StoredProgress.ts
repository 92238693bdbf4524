/**
 * Owns the knowledge of what each group of an embedded log has stored, and gives back to the outbox what all of them have.
 * Beside the outbox's position it keeps, for each topic, the offset behind its last message given back, so that a store
 * which is older than the log (a backup) is told what it will never see.
 */
import { openMatchChanges } from "../events/openMatches.ts";
import type { OutboxDrain } from "../outbox/Outbox.ts";
import { openReader } from "../outbox/openOutbox.ts";

/** Also bounds what one acknowledgement holds in memory. */
const READ_BYTES = 2 ** 20;
const PREFIX = "topic/";

export interface GroupProgress {
  /** The last record that is given back; reading begins behind it. */
  acknowledged(): number;
  /** Offset behind the last message of the topic that is given back. */
  goneBefore(topic: string): bigint;
  /** A batch that ended with the message of record `last` was handed to the group. */
  delivered(topic: string, last: number): void;
  /** The group has stored all that concerns it up to this record. */
  stored(upTo: number): void;
}

export class StoredProgress {
  readonly #drain: OutboxDrain;
  readonly #storedUpTo = new Map<string, number>();
  /** Last records of the batches of each topic since the last acknowledgement, rising. */
  readonly #lastOfBatches = new Map<string, number[]>();

  constructor(drain: OutboxDrain, groups: readonly string[]) {
    this.#drain = drain;
    for (const group of groups) this.#storedUpTo.set(group, drain.acknowledged);
  }

  of(group: string): GroupProgress {
    if (!this.#storedUpTo.has(group))
      throw new Error(`group ${group} is not one of those that this log keeps messages for`);
    return {
      acknowledged: () => this.#drain.acknowledged,
      goneBefore: (topic) => BigInt(Buffer.from(this.#drain.state.get(PREFIX + topic) ?? [48]).toString()),
      delivered: (topic, last) => this.#delivered(topic, last),
      stored: (upTo) => this.#storedUpTo.set(group, Math.max(upTo, this.#storedUpTo.get(group)!)),
    };
  }

  async acknowledge(): Promise<void> {
    const upTo = Math.min(...this.#storedUpTo.values());
    let after = this.#drain.acknowledged;
    if (!(upTo > after)) return;
    const reader = openReader(this.#drain.directory);
    try {
      while (after < upTo) {
        const { records, next } = await reader.read(after, READ_BYTES);
        if (records.length === 0) break;
        const given = records.filter(({ number }) => number <= upTo);
        const to = Math.min(next, upTo);
        await this.#drain.acknowledge(to, [...openMatchChanges(given), ...this.#marks(to)]);
        after = to;
      }
    } finally {
      await reader.close();
    }
  }

  #delivered(topic: string, last: number): void {
    const lasts = this.#lastOfBatches.get(topic);
    if (lasts === undefined) this.#lastOfBatches.set(topic, [last]);
    else if (last > lasts.at(-1)!) lasts.push(last);
  }

  #marks(upTo: number): [string, Uint8Array][] {
    const marks: [string, Uint8Array][] = [];
    for (const [topic, lasts] of this.#lastOfBatches) {
      const given = lasts.findLastIndex((last) => last <= upTo);
      if (given < 0) continue;
      marks.push([PREFIX + topic, Buffer.from(String(lasts[given] + 1))]);
      // The newest stays: a group that lags behind may still deliver what another one has.
      lasts.splice(0, Math.min(given + 1, lasts.length - 1));
    }
    return marks;
  }
}
