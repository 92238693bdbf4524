/**
 * Owns the expansion of a stored record into the messages of the public contract. Pure.
 *
 * Order, and so the index `i`: the room's match events, facts that go to `logs_match`, the other facts, then inputs:
 * setup, seats, frames, hash. `i` counts what is stored: an event that overflow dropped takes no index, so that the indices of a
 * tick are always 0, 1, 2, … without a gap.
 */
import type { MatchEvent, TickMessage } from "./messages.ts";
import { RecordDamaged } from "./RecordCursor.ts";
import { type EventLayout, type FieldLayout, INPUT_TOPIC, MATCH_TOPIC } from "./RecordLayout.ts";
import type { DecodedFact, DecodedTick } from "./TickDecoder.ts";
import { versionOf } from "./versions.ts";

/** Where a record was stored; makes the header `seq`. */
export interface RecordOrigin {
  readonly outboxId: string;
  readonly number: number;
}

/** A seat that facts name although nobody ever held it. */
const NOBODY = "nobody";

/** At most one message per topic, topics in the layout's order. Throws `RecordDamaged` on words that mean nothing. */
export function expand(tick: DecodedTick, origin: RecordOrigin): TickMessage[] {
  const byTopic: MatchEvent[][] = tick.layout.topics.map(() => []);
  let i = 0;
  const add = (topic: number, event: Record<string, unknown>) => byTopic[topic].push({ i: i++, ...event });

  for (const event of tick.matchEvents) {
    add(
      MATCH_TOPIC,
      event.kind === "ended" ? { ...event, counts: sums(tick, tick.counts), shed: sums(tick, tick.shed) } : event,
    );
  }
  for (const fact of tick.facts) {
    const event = tick.layout.events[fact.kind];
    if (event.topic === MATCH_TOPIC) add(MATCH_TOPIC, { kind: event.name, ...fieldsOf(tick, event, fact) });
  }
  for (const fact of tick.facts) {
    const event = tick.layout.events[fact.kind];
    if (event.topic !== MATCH_TOPIC) add(event.topic, fieldsOf(tick, event, fact));
  }
  if (tick.setup !== null) add(INPUT_TOPIC, tick.setup);
  for (const change of tick.seatChanges) add(INPUT_TOPIC, change);
  for (const { seat, values } of tick.frames) {
    const frame: Record<string, unknown> = { kind: "frame", seat };
    for (let at = 0; at < values.length; at++) frame[tick.layout.frame[at]] = values[at];
    add(INPUT_TOPIC, frame);
  }
  if (tick.hash !== null) add(INPUT_TOPIC, { kind: "hash", hash: tick.hash });
  return messagesOf(tick, origin, byTopic);
}

function messagesOf(tick: DecodedTick, origin: RecordOrigin, byTopic: readonly MatchEvent[][]): TickMessage[] {
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
      value: { v: versionOf(topic), game: layout.game, matchId, roomId, mode, tick: tick.tick, at, events },
    });
  }
  return messages;
}

function fieldsOf(tick: DecodedTick, event: EventLayout, fact: DecodedFact): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  let at = 0;
  for (const field of event.fields) {
    if (field.as === "seats") {
      const words = Math.ceil(tick.players.length / 32);
      fields[field.name] = playersIn(tick, fact.words.slice(at, at + words));
      at += words;
    } else {
      fields[field.name] = fieldOf(tick, field, fact.words[at++]);
    }
  }
  return fields;
}

function fieldOf(tick: DecodedTick, field: FieldLayout, word: number): unknown {
  if (field.as === "int") return word;
  if (field.as === "seat") return word === -1 ? null : playerAt(tick, word);
  const name = field.names?.[word];
  if (name === undefined) throw new RecordDamaged(`${field.name} has no name number ${word}`);
  return name;
}

function playersIn(tick: DecodedTick, words: readonly number[]): string[] {
  const players: string[] = [];
  for (let seat = 0; seat < tick.players.length; seat++) {
    if ((words[seat >> 5] >>> (seat & 31)) & 1) players.push(playerAt(tick, seat));
  }
  return players;
}

function playerAt(tick: DecodedTick, seat: number): string {
  const player = tick.players[seat];
  if (player === undefined) throw new RecordDamaged(`seat ${seat} of ${tick.players.length}`);
  return player ?? NOBODY;
}

function sums(tick: DecodedTick, byTopic: readonly number[]): Record<string, number> {
  const named: Record<string, number> = {};
  for (let topic = 0; topic < byTopic.length; topic++) {
    if (byTopic[topic] > 0) named[tick.layout.topics[topic]] = byTopic[topic];
  }
  return named;
}
