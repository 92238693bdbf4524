/**
 * Decides among how many partitions the key of a message is placed. All messages of a match stay in the partitions of its first
 * message, even if partitions are added. A message that is sent again goes to the same partition, so that the sinks recognise it as
 * a repeat. The data for this is stored in the drain's key-value area before any message depends on it:
 *
 *     partitions/NUMBER   number of partitions by topic, as JSON, for matches whose first record has this number or a higher one
 *     first/MATCH         number of the first record of an open match
 */

import { endsMatch, isTickRecord, matchKeyIn } from "../events/TickDecoder.ts";
import type { OutboxRecord } from "../outbox/Outbox.ts";

const COUNTS = "partitions/";
const FIRST = "first/";

interface Counts {
  readonly from: number;
  readonly byTopic: Readonly<Record<string, number>>;
}

export type StateChange = readonly [key: string, value: Uint8Array | null];

export class PartitionPins {
  /** Ordered by `from`. */
  #counts: Counts[] = [];
  readonly #first = new Map<string, number>();

  /** @param state the drain's key-value area. */
  constructor(state: ReadonlyMap<string, Uint8Array>) {
    for (const [key, value] of state) {
      const text = () => Buffer.from(value).toString();
      if (key.startsWith(FIRST)) this.#first.set(key.slice(FIRST.length), Number(text()));
      if (key.startsWith(COUNTS))
        this.#counts.push({ from: Number(key.slice(COUNTS.length)), byTopic: JSON.parse(text()) });
    }
    this.#counts.sort((a, b) => a.from - b.from);
  }

  /**
   * Learns the present number of partitions of topics. The number of a new topic applies to all records, because nothing was sent
   * to the topic before.
   * @param unsentFrom the first record that was never sent. Changed numbers apply from this record on. Null if it is unknown:
   * changed numbers are ignored.
   * @returns what must be stored before the next message is sent.
   */
  learn(present: ReadonlyMap<string, number>, unsentFrom: number | null): StateChange[] {
    const latest = this.#counts.at(-1) ?? { from: 1, byTopic: {} };
    const added = [...present].filter(([topic]) => !Object.hasOwn(latest.byTopic, topic));
    const changed = [...present].filter(
      ([topic, count]) => Object.hasOwn(latest.byTopic, topic) && latest.byTopic[topic] !== count,
    );
    if (changed.length > 0 && unsentFrom !== null && unsentFrom >= latest.from)
      return [this.#set({ from: unsentFrom, byTopic: { ...latest.byTopic, ...Object.fromEntries(present) } })];
    if (added.length === 0) return [];
    return [this.#set({ from: latest.from, byTopic: { ...latest.byTopic, ...Object.fromEntries(added) } })];
  }

  /** Number of partitions among which the key of this record's message is placed; undefined if the topic was not learned. */
  partitionsOf({ number, bytes }: OutboxRecord, topic: string): number | undefined {
    const [only, ...others] = this.#counts;
    if (only === undefined || others.length === 0) return only?.byTopic[topic];
    const first = this.#firstOf(number, bytes);
    const valid = this.#counts.findLast(({ from, byTopic }) => from <= first && Object.hasOwn(byTopic, topic));
    return (valid ?? this.#counts.find(({ byTopic }) => Object.hasOwn(byTopic, topic)))?.byTopic[topic];
  }

  /** Notes the matches that begin in these records. Call it before they are sent. */
  note(records: readonly OutboxRecord[]): void {
    for (const { number, bytes } of records) this.#firstOf(number, bytes);
  }

  /**
   * Forgets the matches that end in these records, and the numbers of partitions that no other match needs.
   * @param upTo number of the last of these records, which are acknowledged.
   * @returns what is stored together with the acknowledgement.
   */
  acknowledge(records: readonly OutboxRecord[], upTo: number): StateChange[] {
    const changes = new Map<string, Uint8Array | null>();
    for (const { number, bytes } of records) {
      if (!isTickRecord(bytes)) continue;
      const key = matchKeyIn(bytes);
      if (endsMatch(bytes)) {
        this.#first.delete(key);
        changes.set(FIRST + key, null);
      } else changes.set(FIRST + key, Buffer.from(String(this.#first.get(key) ?? number)));
    }
    if (this.#counts.length > 1) {
      const oldest = Math.min(upTo + 1, ...this.#first.values());
      while (this.#counts.length > 1 && this.#counts[1].from <= oldest)
        changes.set(COUNTS + this.#counts.shift()!.from, null);
    }
    return [...changes];
  }

  /** Returns the number of the first record of this record's match; `number` itself if the record belongs to no match. */
  #firstOf(number: number, bytes: Uint8Array): number {
    if (!isTickRecord(bytes)) return number;
    const key = matchKeyIn(bytes);
    const first = this.#first.get(key);
    if (first === undefined) this.#first.set(key, number);
    return first ?? number;
  }

  #set(counts: Counts): StateChange {
    this.#counts = [...this.#counts.filter(({ from }) => from !== counts.from), counts];
    return [COUNTS + counts.from, Buffer.from(JSON.stringify(counts.byTopic))];
  }
}
