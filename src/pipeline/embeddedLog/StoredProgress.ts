/**
 * Tracks what each group of an embedded log has stored, and acknowledges the records that all groups have stored. For each topic
 * it also keeps the offset after the last acknowledged message. This offset is needed if a handler's store is older than the log
 * (a restored backup): the handler is then notified of the messages that it has missed.
 */
import { openChanges } from "../events/openChanges.ts";
import type { OutboxDrain } from "../outbox/Outbox.ts";
import { openReader } from "../outbox/openOutbox.ts";

/** Bytes of records that are read at a time. This also limits the memory of one acknowledgement. */
const READ_BYTES = 2 ** 20;
const PREFIX = "topic/";

export interface GroupProgress {
  /** Whether records are kept until the group has stored them. */
  readonly keepsRecords: boolean;
  /** The last acknowledged record. Reading begins after it. */
  acknowledged(): number;
  /** Offset after the last acknowledged message of the topic; the messages before it are deleted. */
  earliestOffset(topic: string): bigint;
  /** Call before a batch is applied. `last` is the record number of its last message. */
  markDelivered(topic: string, last: number): void;
  /** Call when the group has stored everything that it needs up to this record. */
  markStored(upTo: number): void;
}

export class StoredProgress {
  readonly #drain: OutboxDrain;
  readonly #storedUpTo = new Map<string, number>();
  /** Last record of each batch since the last acknowledgement, by topic, ascending. */
  readonly #lastOfBatches = new Map<string, number[]>();

  constructor(drain: OutboxDrain, groups: readonly string[]) {
    this.#drain = drain;
    for (const group of groups) this.#storedUpTo.set(group, drain.acknowledged);
  }

  /** For a group that only reads: what it has not read may be deleted. */
  forReader(): GroupProgress {
    return {
      keepsRecords: false,
      acknowledged: () => this.#drain.acknowledged,
      earliestOffset: (topic) => BigInt(Buffer.from(this.#drain.state.get(PREFIX + topic) ?? [48]).toString()),
      markDelivered() {},
      markStored() {},
    };
  }

  forGroup(group: string): GroupProgress {
    if (!this.#storedUpTo.has(group))
      throw new Error(`unknown consumer group ${group}: expected one of ${[...this.#storedUpTo.keys()].join(", ")}`);
    return {
      ...this.forReader(),
      keepsRecords: true,
      markDelivered: (topic, last) => this.#markDelivered(topic, last),
      markStored: (upTo) => this.#storedUpTo.set(group, Math.max(upTo, this.#storedUpTo.get(group)!)),
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
        const covered = records.filter(({ number }) => number <= upTo);
        const to = Math.min(next, upTo);
        await this.#drain.acknowledge(to, [...openChanges(covered), ...this.#takeMarks(to)]);
        after = to;
      }
    } finally {
      await reader.close();
    }
  }

  #markDelivered(topic: string, last: number): void {
    const lasts = this.#lastOfBatches.get(topic);
    if (lasts === undefined) this.#lastOfBatches.set(topic, [last]);
    else if (last > lasts.at(-1)!) lasts.push(last);
  }

  #takeMarks(upTo: number): [string, Uint8Array][] {
    const marks: [string, Uint8Array][] = [];
    for (const [topic, lasts] of this.#lastOfBatches) {
      const index = lasts.findLastIndex((last) => last <= upTo);
      if (index < 0) continue;
      marks.push([PREFIX + topic, Buffer.from(String(lasts[index] + 1))]);
      // The newest stays: a group that lags may still deliver messages that another group has stored.
      lasts.splice(0, Math.min(index + 1, lasts.length - 1));
    }
    return marks;
  }
}
