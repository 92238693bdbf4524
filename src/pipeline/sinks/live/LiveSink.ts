/**
 * The live sink: adds starts and ends of matches, kills and process statistics to the live feed. It keeps no more than the feed's
 * limit, and uses no clock but `now`.
 *
 * Acknowledgement contract
 * - When `apply` resolves, the batch's entries and the cursor after it are in the feed, by one compare-and-set of the cursor. A
 *   crash leaves both or neither. A consumer that has lost its partition gets `PartitionLost` and adds nothing.
 * - Idempotent: a record that a relay sent twice is recognized by the high-water mark of its outbox, which the cursor stores, and
 *   left out.
 * - A message older than a few minutes moves the cursor but adds no entry, so a restart does not show last week's kills.
 * - A message that cannot be decoded is published to `logs_rejected` before the cursor moves past it.
 */
import { type BatchHandler, type LogBatch, type LogMessage, PartitionLost } from "../../log/EventLog.ts";
import { type Decoded, decodeMessage } from "../decodeMessage.ts";
import { type EventCatalogue, MATCH_TOPIC, STATS_TOPIC } from "../eventCatalogue.ts";
import { HighWaterMarks } from "../HighWaterMarks.ts";
import { isMeantFor } from "../redriveHeader.ts";
import type { Reject, Rejects } from "../rejects.ts";
import type { Sink } from "../runSink.ts";
import type { LiveFeed } from "./LiveFeed.ts";
import { DEATH_TOPIC, liveEntriesOf } from "./liveEntries.ts";

const NAME = "live";

export interface LiveOptions {
  readonly feed: LiveFeed;
  readonly catalogue: EventCatalogue;
  readonly rejects: Rejects;
  /** Unix ms. */
  readonly now: () => number;
  /** Messages that the log appended longer ago add no entry; default five minutes. */
  readonly staleAfterMs?: number;
}

export function liveSink(options: LiveOptions): Sink {
  const topics = [MATCH_TOPIC, STATS_TOPIC, ...(options.catalogue.facts.has(DEATH_TOPIC) ? [DEATH_TOPIC] : [])];
  return { name: NAME, topics, handler: new LiveHandler(options) };
}

/** Each batch is a call to the feed. What is shown this much later looks the same. */
const MAX_BATCH_DELAY_MS = 200;

interface Position {
  /** The cursor as it is in the feed. */
  readonly stored: string | null;
  readonly next: bigint | null;
  readonly marks: HighWaterMarks;
}

class LiveHandler implements BatchHandler {
  readonly maxBatchDelayMs = MAX_BATCH_DELAY_MS;
  readonly #options: Required<LiveOptions>;
  readonly #positions = new Map<string, Position>();

  constructor(options: LiveOptions) {
    this.#options = { staleAfterMs: 300_000, ...options };
  }

  async onAssigned(topic: string, partition: number, topicId: string): Promise<bigint | null> {
    const name = `${topic}/${partition}`;
    const stored = await this.#options.feed.cursor(name);
    const cursor = stored === null ? null : parseCursor(stored);
    // A topic that was recreated is read from its beginning, because no entry depends on earlier ones.
    const position =
      cursor === null || cursor.topicId !== topicId
        ? { stored, next: null, marks: new HighWaterMarks() }
        : { stored, next: cursor.next, marks: cursor.marks };
    this.#positions.set(name, position);
    return position.next;
  }

  async apply(batch: LogBatch): Promise<void> {
    const name = `${batch.topic}/${batch.partition}`;
    const position = this.#positions.get(name);
    if (position === undefined) throw new PartitionLost(`${name} is not assigned to sink ${NAME}`);
    const { stored, next } = position;
    if (next !== null && batch.nextOffset <= next) return;
    const marks = position.marks.copy();
    const fresh = batch.messages.filter(
      (message) => (next === null || message.offset >= next) && marks.tryAccept(message),
    );
    const decoded = fresh.filter((message) => this.#isDue(message)).map((message) => this.#decode(message));
    await this.#options.rejects.publish(decoded.filter((one): one is Reject & Decoded => one.type === "rejected"));
    const entries = decoded.flatMap(liveEntriesOf);
    const to = cursorText(batch, marks, this.#options.now());
    if (!(await this.#options.feed.append(name, stored, to, entries))) {
      this.#positions.delete(name);
      throw new PartitionLost(`sink ${NAME} lost ${name}: another process consumes it`);
    }
    this.#positions.set(name, { stored: to, next: batch.nextOffset, marks });
  }

  onSkipped(): void {}

  async onRevoked(topic: string, partition: number): Promise<void> {
    this.#positions.delete(`${topic}/${partition}`);
  }

  #isDue(message: LogMessage): boolean {
    const { staleAfterMs, now } = this.#options;
    return isMeantFor(NAME, message) && message.appendedAt >= now() - staleAfterMs;
  }

  #decode(message: LogMessage): Decoded {
    return decodeMessage(message, this.#options.catalogue);
  }
}

function cursorText({ topicId, nextOffset }: LogBatch, marks: HighWaterMarks, nowMs: number): string {
  return JSON.stringify([topicId, String(nextOffset), marks.toString(nowMs)]);
}

function parseCursor(text: string): { topicId: string; next: bigint; marks: HighWaterMarks } {
  const [topicId, next, marks] = JSON.parse(text) as [string, string, string];
  return { topicId, next: BigInt(next), marks: HighWaterMarks.parse(marks) };
}
