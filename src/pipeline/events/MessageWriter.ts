/**
 * Writes the messages of the public contract from a decoded record, as the bytes of their JSON, in the versions of the build that
 * wrote the record. It creates no object per event.
 *
 * The order of the events determines their index `i`: the room's match events, facts of `logs_match`, the other facts, then the
 * inputs: setup, seats, commands, frames, hash. Only stored events have an index, so the indices of a tick are 0, 1, 2, … without a gap.
 */
import type { OutgoingMessage } from "../log/EventLog.ts";
import { type EventWriter, factWriter, frameWriter } from "./EventWriter.ts";
import { JsonBuffer } from "./JsonBuffer.ts";
import type { RecordOrigin } from "./messages.ts";
import { INPUT_TOPIC_INDEX, MATCH_TOPIC_INDEX, type RecordLayout } from "./RecordLayout.ts";
import type { DecodedRecord } from "./TickDecoder.ts";

/** Messages share allocations of this size. A message that is still needed keeps all of its allocation. */
const SHARED_BYTES = 64 * 1024;
const END = Buffer.from("]}");

/** What is derived from a layout. */
interface Writers {
  /** By kind. */
  readonly facts: readonly EventWriter[];
  readonly frame: EventWriter;
  /** Beginning of each topic's messages. */
  readonly heads: readonly Buffer[];
}

export class MessageWriter {
  readonly #writers = new Map<RecordLayout, Writers>();
  /** The events of the current record, by topic. */
  readonly #events: JsonBuffer[] = [];
  #free = Buffer.alloc(0);
  /** Index of the next event. */
  #i = 0;

  /** Returns at most one message per topic, in the order of the layout. Throws `RecordDamaged` if a word has no valid meaning. */
  write(tick: DecodedRecord, origin: RecordOrigin): OutgoingMessage[] {
    const writers = this.#writersOf(tick.layout);
    while (this.#events.length < tick.layout.topics.length) this.#events.push(new JsonBuffer(1024));
    for (const events of this.#events) events.length = 0;
    this.#i = 0;
    for (const event of tick.matchEvents) {
      const totals = event.kind === "ended" ? { counts: sums(tick, tick.counts), shed: sums(tick, tick.shed) } : {};
      this.#addObject(MATCH_TOPIC_INDEX, { ...event, ...totals });
    }
    this.#addFacts(tick, writers, true);
    this.#addFacts(tick, writers, false);
    if (tick.setup !== null) this.#addObject(INPUT_TOPIC_INDEX, tick.setup);
    for (const input of tick.inputs) this.#addObject(INPUT_TOPIC_INDEX, input);
    const width = 1 + tick.layout.frame.length;
    for (let at = 0; at < tick.frames.length; at += width)
      writers.frame.write(this.#events[INPUT_TOPIC_INDEX], this.#i++, tick.frames, at, tick.table);
    if (tick.hash !== null) this.#addObject(INPUT_TOPIC_INDEX, { kind: "hash", hash: tick.hash });
    return this.#messagesOf(tick, origin, writers);
  }

  #writersOf(layout: RecordLayout): Writers {
    let writers = this.#writers.get(layout);
    if (writers === undefined) {
      const { game, topics, events, versions } = layout;
      writers = {
        facts: events.map((event) => factWriter(event, event.topic === MATCH_TOPIC_INDEX)),
        frame: frameWriter(layout),
        heads: topics.map((topic) =>
          Buffer.from(`${JSON.stringify({ v: versions?.[topic] ?? 1, game }).slice(0, -1)},`),
        ),
      };
      this.#writers.set(layout, writers);
    }
    return writers;
  }

  #addFacts({ layout, facts, wordsOfKind, table }: DecodedRecord, writers: Writers, ofMatch: boolean): void {
    for (let at = 0; at < facts.length; ) {
      const kind = facts[at++];
      const { topic } = layout.events[kind];
      if ((topic === MATCH_TOPIC_INDEX) === ofMatch)
        writers.facts[kind].write(this.#events[topic], this.#i++, facts, at, table);
      at += wordsOfKind[kind];
    }
  }

  /** For events that are rare. */
  #addObject(topic: number, event: object): void {
    this.#events[topic].add(JSON.stringify({ i: this.#i++, ...event }));
  }

  #messagesOf(tick: DecodedRecord, { outboxId, number }: RecordOrigin, { heads }: Writers): OutgoingMessage[] {
    const { matchId, layout, table } = tick;
    const seq = `${outboxId}:${number}`;
    const time = Buffer.from(`,"tick":${tick.tick},"at":${JSON.stringify(tick.at)},"events":[`);
    const messages: OutgoingMessage[] = [];
    for (let index = 0; index < layout.topics.length; index++) {
      const { bytes, length } = this.#events[index];
      if (length === 0) continue;
      const topic = layout.topics[index];
      const value = this.#join(heads[index], table.membersJson, time, bytes.subarray(0, length), END);
      messages.push({ topic, key: matchId, headers: { id: `${matchId}:${tick.tick}:${topic}`, seq }, value });
    }
    return messages;
  }

  #join(...pieces: readonly Buffer[]): Buffer {
    let size = 0;
    for (const { length } of pieces) size += length;
    if (size > this.#free.length) this.#free = Buffer.allocUnsafeSlow(Math.max(size, SHARED_BYTES));
    const joined = this.#free.subarray(0, size);
    this.#free = this.#free.subarray(size);
    let at = 0;
    for (const piece of pieces) {
      joined.set(piece, at);
      at += piece.length;
    }
    return joined;
  }
}

function sums({ layout }: DecodedRecord, byTopic: readonly number[]): Record<string, number> {
  const named: Record<string, number> = {};
  for (let topic = 0; topic < byTopic.length; topic++) {
    if (byTopic[topic] > 0) named[layout.topics[topic]] = byTopic[topic];
  }
  return named;
}
