/**
 * Expands a decoded record into the messages of the public contract, in the versions of the build that wrote the record. Pure.
 *
 * The order of the events determines their index `i`: the room's match events, facts of `logs_match`, the other facts, then the
 * inputs: setup, seats, frames, hash. Only stored events have an index, so the indices of a tick are 0, 1, 2, … without a gap.
 */
import { unpackField, wordsOfField } from "../../game/events.ts";
import type { MatchEvent, TickMessage } from "./messages.ts";
import { RecordDamaged } from "./RecordCursor.ts";
import { type EventLayout, INPUT_TOPIC_INDEX, MATCH_TOPIC_INDEX } from "./RecordLayout.ts";
import type { DecodedFact, DecodedRecord } from "./TickDecoder.ts";

/** The outbox and number of a record, for the header `seq`. */
export interface RecordOrigin {
  readonly outboxId: string;
  readonly number: number;
}

/** Player id of a seat that a fact refers to but that nobody has held. */
const NOBODY = "nobody";

/** Returns at most one message per topic, in the order of the layout. Throws `RecordDamaged` if a word has no valid meaning. */
export function expand(tick: DecodedRecord, origin: RecordOrigin): TickMessage[] {
  const byTopic: MatchEvent[][] = tick.layout.topics.map(() => []);
  let i = 0;
  const add = (topic: number, event: Record<string, unknown>) => byTopic[topic].push({ i: i++, ...event });

  for (const event of tick.matchEvents) {
    add(
      MATCH_TOPIC_INDEX,
      event.kind === "ended" ? { ...event, counts: sums(tick, tick.counts), shed: sums(tick, tick.shed) } : event,
    );
  }
  for (const fact of tick.facts) {
    const event = tick.layout.events[fact.kind];
    if (event.topic === MATCH_TOPIC_INDEX) add(MATCH_TOPIC_INDEX, { kind: event.name, ...fieldsOf(tick, event, fact) });
  }
  for (const fact of tick.facts) {
    const event = tick.layout.events[fact.kind];
    if (event.topic !== MATCH_TOPIC_INDEX) add(event.topic, fieldsOf(tick, event, fact));
  }
  if (tick.setup !== null) add(INPUT_TOPIC_INDEX, tick.setup);
  for (const change of tick.seatChanges) add(INPUT_TOPIC_INDEX, change);
  for (const { seat, values } of tick.frames) {
    const frame: Record<string, unknown> = { kind: "frame", seat };
    for (let index = 0; index < values.length; index++) frame[tick.layout.frame[index]] = values[index];
    add(INPUT_TOPIC_INDEX, frame);
  }
  if (tick.hash !== null) add(INPUT_TOPIC_INDEX, { kind: "hash", hash: tick.hash });
  return messagesOf(tick, origin, byTopic);
}

function messagesOf(tick: DecodedRecord, origin: RecordOrigin, byTopic: readonly MatchEvent[][]): TickMessage[] {
  const { matchId, roomId, mode, at, layout } = tick;
  const seq = `${origin.outboxId}:${origin.number}`;
  const messages: TickMessage[] = [];
  for (let index = 0; index < byTopic.length; index++) {
    const events = byTopic[index];
    if (events.length === 0) continue;
    const topic = layout.topics[index];
    messages.push({
      topic,
      key: matchId,
      headers: { id: `${matchId}:${tick.tick}:${topic}`, seq },
      value: {
        v: layout.versions?.[topic] ?? 1,
        game: layout.game,
        matchId,
        roomId,
        mode,
        tick: tick.tick,
        at,
        events,
      },
    });
  }
  return messages;
}

function fieldsOf(tick: DecodedRecord, event: EventLayout, { words }: DecodedFact): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const seats = tick.players.length;
  const playerOf = (seat: number): string => playerAt(tick, seat);
  let offset = 0;
  for (const field of event.fields) {
    const value = unpackField(field, words, offset, seats, playerOf);
    if (value === undefined) throw new RecordDamaged(`field ${field.name} has no name with number ${words[offset]}`);
    fields[field.name] = value;
    offset += wordsOfField(field, seats);
  }
  return fields;
}

function playerAt(tick: DecodedRecord, seat: number): string {
  const player = tick.players[seat];
  if (player === undefined)
    throw new RecordDamaged(`fact of seat ${seat} in a match with ${tick.players.length} seats`);
  return player ?? NOBODY;
}

function sums(tick: DecodedRecord, byTopic: readonly number[]): Record<string, number> {
  const named: Record<string, number> = {};
  for (let topic = 0; topic < byTopic.length; topic++) {
    if (byTopic[topic] > 0) named[tick.layout.topics[topic]] = byTopic[topic];
  }
  return named;
}
