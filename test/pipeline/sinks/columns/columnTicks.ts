/** Ticks as the relay writes them, of the arena and of a small game, and what is decoded into columns in another form. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type GameEvent, int, name, optionalSeat, seat, seats } from "../../../../src/game/events.ts";
import type { EventSource } from "../../../../src/pipeline/events/RecordLayout.ts";
import type { LogMessage } from "../../../../src/pipeline/log/EventLog.ts";
import { ColumnDecoder } from "../../../../src/pipeline/sinks/columns/ColumnDecoder.ts";
import type { ColumnTick } from "../../../../src/pipeline/sinks/columns/EventColumns.ts";
import { type Decoded, decodeMessage } from "../../../../src/pipeline/sinks/decodeMessage.ts";
import type { EventCatalogue } from "../../../../src/pipeline/sinks/eventCatalogue.ts";
import { NOON_MS, uuidV7 } from "../matches.ts";

export const hit: GameEvent = {
  ...{ topic: "hit", shed: "never", toClients: false },
  fields: {
    by: seat(),
    target: optionalSeat(),
    tool: name(["hand", "stick"]),
    harm: int(-500, 2_000_000_000),
    witnesses: seats(),
    combo: int(0, 9).default(3),
    helper: seat().optional(),
  },
};
export const inputFields = [
  { name: "aim", min: -180, max: 180 },
  { name: "jump", min: 0, max: 1, default: 0 },
];
export const small: EventSource = {
  name: "small",
  inputFields,
  events: { hit, ping: { ...hit, topic: "ping", fields: {} } },
};

export type Event = Record<string, unknown>;

const id = fc.constantFrom("p1", "p2", "019c235f-b200-7000-8000-000000000001", "bot:arena-1");
const index = fc.nat(999_999_999);
const coordinate = fc.nat(65_535);

/** Events as the relay writes them, by topic and game. */
const events: Record<string, fc.Arbitrary<Event>> = {
  "logs_move arena": fc.record({ i: index, player: id, x: coordinate, y: coordinate, aim: coordinate }),
  "logs_attack arena": fc.record({
    ...{ i: index, attacker: id, target: fc.option(id), weapon: fc.constantFrom("bolt", "orb", "blade", "beam") },
    ...{ damage: coordinate, targetHp: coordinate, x: coordinate, y: coordinate, rewindTicks: fc.nat(255) },
  }),
  "logs_death arena": fc.record({
    ...{ i: index, victim: id, killer: id, assists: fc.array(id, { maxLength: 3 }) },
    ...{ weapon: fc.constantFrom("bolt", "orb"), x: coordinate, y: coordinate },
  }),
  "logs_hit small": fc.record({
    ...{ i: index, by: id, target: fc.option(id), tool: fc.constantFrom("hand", "stick") },
    ...{ harm: fc.integer({ min: -500, max: 999_999_999 }), witnesses: fc.array(id), combo: fc.nat(9), helper: id },
  }),
  "logs_ping small": fc.record({ i: index }),
  "logs_input small": fc.record({
    ...{ i: index, kind: fc.constant("frame"), seat: fc.nat(254), aim: fc.integer({ min: -180, max: 180 }) },
    ...{ jump: fc.nat(1), rewindTicks: fc.nat(999_999_999) },
  }),
};

export interface Written {
  readonly topic: string;
  readonly value: { readonly matchId: string; readonly tick: number; readonly events: Event[] };
}

export const written: fc.Arbitrary<Written> = fc.constantFrom(...Object.keys(events)).chain((key) => {
  const [topic, game] = key.split(" ");
  const value = fc.record({
    ...{ v: fc.constant(1), game: fc.constant(game), matchId: fc.nat(3).map((number) => uuidV7(NOON_MS, number)) },
    ...{ roomId: fc.constantFrom("r1", "r2"), mode: fc.constantFrom("duel", "ffa") },
    ...{ tick: fc.nat(0xffffffff), at: fc.nat(2 ** 43), events: fc.array(events[key], { minLength: 1, maxLength: 5 }) },
  });
  return value.map((value) => ({ topic, value }));
});

export function messageOf({ topic, value }: Written, json = JSON.stringify(value), id?: string): LogMessage {
  const headers = { id: id ?? `${value.matchId}:${value.tick}:${topic}` };
  return { topic, partition: 0, offset: 0n, appendedAt: NOON_MS, key: null, headers, value: Buffer.from(json) };
}

function eventsOf({ columns, from, to }: ColumnTick): Event[] {
  const { kind, fields } = columns.shape;
  return Array.from({ length: to - from }, (_, at) => {
    const values = fields.map(({ field }, of) => [field, columns.valueOf(of, from + at)]);
    return { i: columns.index[from + at], ...(kind !== "" && { kind }), ...Object.fromEntries(values) };
  });
}

/** In the form of `decodeMessage`. */
export function toTick(tick: ColumnTick): Decoded {
  const { message, at, value } = tick;
  const { v, game, matchId, roomId, mode } = value;
  const head = { v, game, matchId, roomId, mode, tick: tick.tick, at };
  return { type: "tick", message, id: message.headers.id, value: { ...head, events: eventsOf(tick) as never } };
}

/** Asserts that messages are decoded as if they had only their JSON. Returns what they are decoded into. */
export function decodeAlike(messages: readonly LogMessage[], catalogue: EventCatalogue): (Decoded | ColumnTick)[] {
  const decode = new ColumnDecoder(catalogue).startBatch();
  const decoded = messages.map(decode);
  for (const [at, one] of decoded.entries()) {
    const { topic, partition, offset, appendedAt, key, headers, value } = messages[at];
    const message = { topic, partition, offset, appendedAt, key, headers, value };
    const expected = decodeMessage(message, catalogue);
    assert.equal(one.message, messages[at]);
    assert.deepEqual({ ...(one.type === "columns" ? toTick(one) : one), message }, expected);
  }
  return decoded;
}
