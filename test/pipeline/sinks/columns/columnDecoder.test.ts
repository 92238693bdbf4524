import assert from "node:assert/strict";
import fc from "fast-check";
import { arena } from "../../../../src/arena/game.ts";
import { type GameEvent, int, name, optionalSeat, seat, seats } from "../../../../src/game/events.ts";
import type { EventSource } from "../../../../src/pipeline/events/RecordLayout.ts";
import type { LogMessage } from "../../../../src/pipeline/log/EventLog.ts";
import { ColumnDecoder } from "../../../../src/pipeline/sinks/columns/ColumnDecoder.ts";
import type { ColumnTick } from "../../../../src/pipeline/sinks/columns/EventColumns.ts";
import { type Decoded, decodeMessage } from "../../../../src/pipeline/sinks/decodeMessage.ts";
import { EventCatalogue } from "../../../../src/pipeline/sinks/eventCatalogue.ts";
import { NOON_MS, uuidV7 } from "../matches.ts";

const hit: GameEvent = {
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
const inputFields = [
  { name: "aim", min: -180, max: 180 },
  { name: "jump", min: 0, max: 1, default: 0 },
];
const small: EventSource = { name: "small", inputFields, events: { hit, ping: { ...hit, topic: "ping", fields: {} } } };
const catalogue = new EventCatalogue([arena, small]);

type Event = Record<string, unknown>;

const text = fc.oneof(
  fc.constantFrom("p1", "p2", "019c235f-b200-7000-8000-000000000001", "bolt", "hand", ""),
  fc.string({ maxLength: 8, unit: "binary" }),
);
const anything = fc.oneof(text, fc.integer(), fc.constantFrom(-0, 1.5, 1e21, 2 ** 31, null, true), fc.json());
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

/** The bytes of JSON, and some that are not valid in it. */
const BYTES = [...Buffer.from('{}[],:"\\-+.0123456789eEnulltrfas xyz\u00e9 '), 0, 9, 31, 127, 128, 255];

interface Written {
  readonly topic: string;
  readonly value: { readonly matchId: string; readonly tick: number; readonly events: Event[] };
}

const written: fc.Arbitrary<Written> = fc.constantFrom(...Object.keys(events)).chain((key) => {
  const [topic, game] = key.split(" ");
  const value = fc.record({
    ...{ v: fc.constant(1), game: fc.constant(game), matchId: fc.nat(3).map((number) => uuidV7(NOON_MS, number)) },
    ...{ roomId: fc.constantFrom("r1", "r2"), mode: fc.constantFrom("duel", "ffa") },
    ...{ tick: fc.nat(0xffffffff), at: fc.nat(2 ** 43), events: fc.array(events[key], { minLength: 1, maxLength: 5 }) },
  });
  return value.map((value) => ({ topic, value }));
});

function messageOf({ topic, value }: Written, json = JSON.stringify(value), id?: string): LogMessage {
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
function toTick(tick: ColumnTick): Decoded {
  const { message, at, value } = tick;
  const { v, game, matchId, roomId, mode } = value;
  const head = { v, game, matchId, roomId, mode, tick: tick.tick, at };
  return { type: "tick", message, id: message.headers.id, value: { ...head, events: eventsOf(tick) as never } };
}

/** Asserts that both decoders agree about each message. Returns how many are in columns. */
function compare(messages: readonly LogMessage[]): number {
  const decode = new ColumnDecoder(catalogue).startBatch();
  const decoded = messages.map(decode);
  for (const [at, one] of decoded.entries())
    assert.deepEqual(one.type === "columns" ? toTick(one) : one, decodeMessage(messages[at], catalogue));
  return decoded.filter(({ type }) => type === "columns").length;
}

describe("ColumnDecoder", () => {
  it("decodes what the relay writes into columns, with the values that decodeMessage reads", () => {
    fc.assert(
      fc.property(fc.array(written, { minLength: 1, maxLength: 8 }), (all) => {
        assert.equal(compare(all.map((one) => messageOf(one))), all.length);
      }),
      { numRuns: 300 },
    );
  });

  it("accepts and rejects the same as decodeMessage if a value is any other", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(), anything), { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(fc.array(fc.tuple(written, changes), { minLength: 1, maxLength: 6 }), (all) => {
        const messages = all.map(([one, changed]) => {
          const value = structuredClone(one.value) as Event & Written["value"];
          for (const [of, field, to] of changed) {
            const target: Event = of % 3 === 0 ? value : value.events[of % value.events.length];
            if (target === undefined) continue;
            const names = [...Object.keys(target), "unknown"].filter((name) => name !== "events");
            const chosen = names[field % names.length];
            if (of % 5 === 0) delete target[chosen];
            else target[chosen] = to;
          }
          return messageOf(one, JSON.stringify(value));
        });
        compare(messages);
      }),
      { numRuns: 1000 },
    );
  });

  it("accepts and rejects the same as decodeMessage if a byte is any other", () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.constantFrom("set", "insert", "delete"), fc.constantFrom(...BYTES)), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(written, edits), { minLength: 1, maxLength: 6 }), (all) => {
        const messages = all.map(([one, changed]) => {
          const bytes = [...Buffer.from(JSON.stringify(one.value))];
          for (const [at, how, byte] of changed) {
            const inserted = how === "delete" ? [] : [byte];
            bytes.splice(at % bytes.length, how === "insert" ? 0 : 1, ...inserted);
          }
          return { ...messageOf(one), value: Buffer.from(bytes) };
        });
        compare(messages);
      }),
      { numRuns: 2000 },
    );
  });

  it("leaves messages with a wrong identity, another version or an unknown game to decodeMessage", () => {
    fc.assert(
      fc.property(written, (one) => {
        const { value, topic } = one;
        const other = [
          messageOf(one, undefined, `${value.matchId}:${value.tick}:logs_other`),
          messageOf(one, undefined, ""),
          messageOf(one, JSON.stringify({ ...value, v: 2 })),
          messageOf(one, JSON.stringify({ ...value, game: "chess" })),
          messageOf({ topic, value: { ...value, matchId: "m" } }),
          { ...messageOf(one), value: null },
        ];
        assert.equal(compare(other), 0);
      }),
      { numRuns: 50 },
    );
  });
});
