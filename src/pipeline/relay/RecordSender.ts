/**
 * Sends the messages of records that must be sent now, each to the right partition, and tells the acknowledger which records are
 * complete.
 */
import { noTracer } from "../../platform/tracing/noTracer.ts";
import { spanTime } from "../../platform/tracing/spanTime.ts";
import type { Tracer } from "../../platform/tracing/Tracer.ts";
import type { FeedBatch } from "../events/OutboxFeed.ts";
import { openChanges } from "../events/openChanges.ts";
import { endsMatch, isTickRecord, matchKeyIn } from "../events/TickDecoder.ts";
import type { Held } from "../kafka/held.ts";
import type { OutgoingMessage } from "../log/EventLog.ts";
import type { OutboxDrain, OutboxRecord } from "../outbox/Outbox.ts";
import type { Acknowledger } from "./Acknowledger.ts";
import { PartitionPins } from "./PartitionPins.ts";
import { SentRecords } from "./SentRecords.ts";

const MATCH_TOPIC = "logs_match";

/** What a relay needs from the producer. All calls reject only if it is closed. */
export interface Sender {
  /**
   * Resolves when every message is acknowledged, except messages of the topics in the result. These topics accept none at the
   * moment.
   */
  trySend(messages: readonly OutgoingMessage[]): Promise<Held>;
  /** Resolves to the number of partitions of each of `topics` that exists. */
  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Whether nothing may be sent to the topic now. */
  isHeld(topic: string): boolean;
}

interface RecordSenderOptions {
  readonly drain: OutboxDrain;
  readonly sender: Sender;
  readonly acknowledger: Acknowledger;
  readonly tracer?: Tracer;
}

interface Due {
  readonly record: OutboxRecord;
  readonly message: OutgoingMessage;
}

export class RecordSender {
  readonly #sender: Sender;
  readonly #acknowledger: Acknowledger;
  readonly #sent: SentRecords;
  readonly #pins: PartitionPins;
  readonly #isHeld: (topic: string) => boolean;
  readonly #tracer: Tracer;
  /** Whether all records that the previous relay of this outbox may have sent were sent again. */
  #isPastPredecessor = false;
  messagesAcknowledged = 0;
  batchesAcknowledged = 0;

  constructor({ drain, sender, acknowledger, tracer = noTracer }: RecordSenderOptions) {
    this.#tracer = tracer;
    this.#sender = sender;
    this.#acknowledger = acknowledger;
    this.#sent = new SentRecords(drain.acknowledged);
    this.#pins = new PartitionPins(drain.state);
    this.#isHeld = (topic) => sender.isHeld(topic);
  }

  /** Since when each topic that accepts no messages is behind, Unix ms. */
  get behind(): SentRecords["behind"] {
    return this.#sent.behind;
  }

  /** Returns the number of the record after which to read. */
  startReading(): number {
    return this.#sent.startReading(this.#isHeld);
  }

  /** Whether records must be read again from `startReading()`, instead of from `after`. */
  mustReadFromElsewhere(after: number): boolean {
    return this.#sent.isAnyReleased(this.#isHeld) || this.#sent.isReadingInVain(after);
  }

  /** The outbox has no further records now. */
  onEndReached(): void {
    this.#isPastPredecessor = true;
  }

  /** Rejects only if the producer is closed. */
  async send({ records, messages, upTo }: FeedBatch): Promise<void> {
    this.#pins.note(records);
    const due = this.#dueOf(records, messages);
    await this.#pin(due);
    const ready = due.filter(({ message }) => message.partitions !== undefined);
    const startMs = spanTime();
    const held = await this.#sender.trySend(ready.map(({ message }) => message));
    if (ready.length > 0) this.batchesAcknowledged++;
    if (this.#tracer.isOn && !held.has(MATCH_TOPIC)) this.#traceEnds(ready, startMs);
    this.#sent.advance(upTo, this.#firstUnsent(due, held));
    this.#acknowledge(records, upTo);
  }

  /** Records that the brokers have acknowledged the ends of matches. */
  #traceEnds(acknowledged: readonly Due[], startMs: number): void {
    const attributes = {
      ...{ "messaging.system": "kafka", "messaging.destination.name": MATCH_TOPIC },
      ...{ "messaging.operation.type": "send", "messaging.operation.name": "send" },
    };
    const span = { name: `send ${MATCH_TOPIC}`, kind: "producer", startMs, endMs: spanTime(), attributes } as const;
    for (const { record, message } of acknowledged)
      if (message.topic === MATCH_TOPIC && isTickRecord(record.bytes) && endsMatch(record.bytes))
        this.#tracer.record({ ...span, trace: matchKeyIn(record.bytes) });
  }

  #dueOf(records: readonly OutboxRecord[], messages: FeedBatch["messages"]): Due[] {
    const due: Due[] = [];
    for (const [at, record] of records.entries())
      for (const message of messages[at])
        if (this.#sent.isDue(message.topic, record.number)) due.push({ record, message });
    return due;
  }

  /**
   * Sets the number of partitions of each message, and stores that number before the first message depends on it. It remains
   * undefined if the topic is missing.
   */
  async #pin(due: readonly Due[]): Promise<void> {
    if (due.length === 0) return;
    const topics = new Set(due.map(({ message }) => message.topic));
    const counts = await this.#sender.partitionCounts([...topics]);
    const changes = this.#pins.learn(counts, this.#isPastPredecessor ? this.#sent.anyUpTo + 1 : null);
    if (changes.length > 0) await this.#acknowledger.store(changes);
    for (const { record, message } of due) message.partitions = this.#pins.partitionsOf(record, message.topic);
  }

  /** Returns, by topic, the record of the first message that was not acknowledged. Counts the acknowledged messages. */
  #firstUnsent(due: readonly Due[], held: Held): Map<string, OutboxRecord> {
    const firstUnsent = new Map<string, OutboxRecord>();
    const left = new Map(held);
    for (const { record, message } of due) {
      const { topic, partitions } = message;
      const acknowledged = partitions === undefined ? 0 : (left.get(topic) ?? Infinity);
      left.set(topic, acknowledged - 1);
      if (acknowledged > 0) this.messagesAcknowledged++;
      else if (!firstUnsent.has(topic)) firstUnsent.set(topic, record);
    }
    return firstUnsent;
  }

  #acknowledge(records: readonly OutboxRecord[], upTo: number): void {
    const last = Math.min(upTo, this.#sent.completeUpTo);
    if (last <= this.#acknowledger.upTo) return;
    const complete = records.filter(({ number }) => number <= last);
    const changes = new Map([...openChanges(complete), ...this.#pins.acknowledge(complete, last)]);
    this.#acknowledger.add(last, changes);
  }
}
