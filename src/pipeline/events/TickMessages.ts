/**
 * Offers the messages of a decoded record to a reader in the same process: those that `MessageWriter` writes, but their JSON is made
 * only for a reader that asks for it. Events of one kind are offered as rows.
 */
import type { OutgoingMessage } from "../log/EventLog.ts";
import type { EventRows, MatchHead } from "../log/MessageEvents.ts";
import { FactKind, FactRows } from "./FactRows.ts";
import { FrameRows } from "./FrameRows.ts";
import type { IdTable } from "./IdTable.ts";
import type { MessageWriter } from "./MessageWriter.ts";
import type { RecordOrigin } from "./messages.ts";
import { INPUT_TOPIC_INDEX, MATCH_TOPIC_INDEX, type RecordLayout } from "./RecordLayout.ts";
import type { DecodedRecord } from "./TickDecoder.ts";

/** A message that was read from an outbox. */
export interface ReadMessage extends OutgoingMessage {
  readonly rows?: EventRows;
}

/** What is derived from a layout. */
interface Derived {
  /** By kind. */
  readonly kinds: readonly FactKind[];
  readonly frameFields: readonly string[];
  /** By topic: whether all of its events have the same fields. */
  readonly hasOneKind: readonly boolean[];
  /** By match, then by topic. */
  readonly heads: WeakMap<IdTable, readonly MatchHead[]>;
}

export class TickMessages {
  readonly #writer: MessageWriter;
  readonly #derived = new WeakMap<RecordLayout, Derived>();

  constructor(writer: MessageWriter) {
    this.#writer = writer;
  }

  /** As `MessageWriter.write`. Throws `RecordDamaged` for the same records. */
  read(tick: DecodedRecord, origin: RecordOrigin): ReadMessage[] {
    const derived = this.#derivedFrom(tick.layout);
    const found = new FoundEvents(tick, derived, headsOf(tick, derived));
    const json = new RecordJson(this.#writer, tick, origin);
    const seq = `${origin.outboxId}:${origin.number}`;
    const messages: ReadMessage[] = [];
    for (const [index, topic] of tick.layout.topics.entries()) {
      if (found.counts[index] === 0) continue;
      const headers = { id: `${tick.matchId}:${tick.tick}:${topic}`, seq };
      messages.push(new TickMessage({ topic, key: tick.matchId, headers }, json, found.rows[index]));
    }
    return messages;
  }

  #derivedFrom(layout: RecordLayout): Derived {
    let derived = this.#derived.get(layout);
    if (derived === undefined) {
      const { topics, events, frame } = layout;
      const hasOneKind = topics.map(
        (_, at) => at > INPUT_TOPIC_INDEX && events.filter(({ topic }) => topic === at).length === 1,
      );
      const kinds = events.map((event) => new FactKind(event));
      derived = { kinds, hasOneKind, frameFields: ["seat", ...frame], heads: new WeakMap() };
      this.#derived.set(layout, derived);
    }
    return derived;
  }
}

function headsOf({ layout, matchId, table }: DecodedRecord, { heads }: Derived): readonly MatchHead[] {
  let found = heads.get(table);
  if (found === undefined) {
    const { game, topics, versions } = layout;
    const { roomId, mode } = table;
    found = topics.map((topic) => ({ v: versions?.[topic] ?? 1, game, matchId, roomId, mode }));
    heads.set(table, found);
  }
  return found;
}

/** The events of a record by topic, numbered in the order in which `MessageWriter` writes them. */
class FoundEvents {
  readonly counts: number[];
  /** Undefined if there are none, or if the topic's events are not of one kind. */
  readonly rows: (FactRows | FrameRows | undefined)[];
  #i: number;

  constructor(tick: DecodedRecord, derived: Derived, heads: readonly MatchHead[]) {
    const { matchEvents, setup, inputs, hash, frames } = tick;
    this.counts = heads.map(() => 0);
    this.rows = heads.map(() => undefined);
    this.#i = matchEvents.length;
    this.counts[MATCH_TOPIC_INDEX] = matchEvents.length;
    this.#addFacts(tick, derived, heads, true);
    this.#addFacts(tick, derived, heads, false);
    const before = (setup === null ? 0 : 1) + inputs.length;
    const { frameFields } = derived;
    const after = hash === null ? 0 : 1;
    const frameCount = frames.length / frameFields.length;
    if (before + after === 0 && frameCount > 0 && this.counts[INPUT_TOPIC_INDEX] === 0)
      this.rows[INPUT_TOPIC_INDEX] = new FrameRows(tick, heads[INPUT_TOPIC_INDEX], frameFields, this.#i);
    this.counts[INPUT_TOPIC_INDEX] += before + frameCount + after;
  }

  #addFacts(tick: DecodedRecord, { kinds, hasOneKind }: Derived, heads: readonly MatchHead[], ofMatch: boolean): void {
    const { layout, facts, wordsOfKind, table } = tick;
    for (let at = 0; at < facts.length; ) {
      const kind = facts[at++];
      const { topic } = layout.events[kind];
      if ((topic === MATCH_TOPIC_INDEX) === ofMatch) {
        kinds[kind].check(facts, at, table);
        this.counts[topic]++;
        if (hasOneKind[topic]) {
          const rows = (this.rows[topic] ??= new FactRows(tick, heads[topic], kinds[kind])) as FactRows;
          rows.add(at, this.#i);
        }
        this.#i++;
      }
      at += wordsOfKind[kind];
    }
  }
}

/** The JSON of a record's messages, which is made when one of them is asked for it. */
class RecordJson {
  readonly #writer: MessageWriter;
  readonly #tick: DecodedRecord;
  readonly #origin: RecordOrigin;
  #values: ReadonlyMap<string, OutgoingMessage["value"]> | null = null;

  constructor(writer: MessageWriter, tick: DecodedRecord, origin: RecordOrigin) {
    this.#writer = writer;
    this.#tick = tick;
    this.#origin = origin;
  }

  of(topic: string): OutgoingMessage["value"] {
    this.#values ??= new Map(this.#writer.write(this.#tick, this.#origin).map(({ topic, value }) => [topic, value]));
    return this.#values.get(topic)!;
  }
}

class TickMessage implements ReadMessage {
  readonly topic: string;
  readonly key: string;
  readonly headers: OutgoingMessage["headers"];
  readonly rows?: EventRows;
  readonly #json: RecordJson;

  constructor(
    { topic, key, headers }: Pick<OutgoingMessage, "topic" | "headers"> & { readonly key: string },
    json: RecordJson,
    rows: EventRows | undefined,
  ) {
    this.topic = topic;
    this.key = key;
    this.headers = headers;
    this.rows = rows;
    this.#json = json;
  }

  get value(): OutgoingMessage["value"] {
    return this.#json.of(this.topic);
  }
}
