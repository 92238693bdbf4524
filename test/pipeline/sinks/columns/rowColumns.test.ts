/** Columns that are filled from the records of an embedded log, compared with what `decodeMessage` reads from the JSON. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { int, packingOf } from "../../../../src/game/events.ts";
import { Frames } from "../../../../src/game/Frames.ts";
import { selectMessages } from "../../../../src/pipeline/embeddedLog/selectMessages.ts";
import { MessageWriter } from "../../../../src/pipeline/events/MessageWriter.ts";
import { RecordBuffer } from "../../../../src/pipeline/events/RecordBuffer.ts";
import { type EventSource, layoutIdOf, layoutOf, wordsIn } from "../../../../src/pipeline/events/RecordLayout.ts";
import { TickDecoder } from "../../../../src/pipeline/events/TickDecoder.ts";
import { TickEncoder } from "../../../../src/pipeline/events/TickEncoder.ts";
import { TickMessages } from "../../../../src/pipeline/events/TickMessages.ts";
import type { LogMessage } from "../../../../src/pipeline/log/EventLog.ts";
import { ColumnDecoder } from "../../../../src/pipeline/sinks/columns/ColumnDecoder.ts";
import { EventCatalogue } from "../../../../src/pipeline/sinks/eventCatalogue.ts";
import { emptyTick, type Fact, factsOf } from "../../events/fixtureGame.ts";
import { bytesOf } from "../../events/randomRecords.ts";
import { NOON_MS, uuidV7 } from "../matches.ts";
import { decodeAlike, hit, inputFields, small } from "./columnTicks.ts";

const catalogue = new EventCatalogue([small]);
const { helper: _, ...required } = hit.fields;
const { combo: __, ...older } = hit.fields;

/** What builds may have recorded that this build reads. */
const builds: Readonly<Record<string, EventSource>> = {
  present: small,
  "without the optional field": { ...small, events: { ...small.events, hit: { ...hit, fields: required } } },
  older: { ...small, inputFields: inputFields.slice(0, 1), events: { hit: { ...hit, fields: older } } },
  newer: {
    ...{ name: "small", inputFields: [...inputFields, { name: "dive", min: 0, max: 1 }] },
    events: { ...small.events, hit: { ...hit, fields: { ...hit.fields, later: int(0, 9) } } },
  },
  retyped: { ...small, events: { hit: { ...hit, fields: { ...hit.fields, tool: int(0, 9) } } } },
  raised: { ...small, events: { hit: { ...hit, version: 2, readers: { 1: (event) => event } } } },
  "of an unknown game": { ...small, name: "chess" },
};

const player = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom("p1", "bot:arena-1", "019c235f-b200-7000-8000-000000000001") },
  { weight: 1, arbitrary: fc.constantFrom("é", 'a"', "\0", "\\", "\ud800") },
);
/** Mostly numbers that the fields accept. */
const number = fc.oneof(
  { weight: 10, arbitrary: fc.nat(1) },
  { weight: 1, arbitrary: fc.constantFrom(-501, 10, 999_999_999, 1_000_000_000, 2_000_000_001, -2_147_483_648) },
);

const SEATS = 3;

function factIn(build: EventSource): fc.Arbitrary<Fact> {
  const kinds = Object.values(build.events).map(({ fields }, kind) => {
    const words = Object.values(fields).map((field) => {
      const { as } = packingOf(field);
      if (as === "seat") return fc.integer({ min: field === hit.fields.by ? 0 : -1, max: SEATS - 1 });
      return as === "int" ? number : fc.nat(1);
    });
    return fc.tuple(...words).map((all): Fact => ({ kind, words: all }));
  });
  return fc.oneof(...kinds);
}

const tickOf = (build: EventSource) =>
  fc.record({
    at: fc.constantFrom(NOON_MS, NOON_MS + 0.5, -1),
    facts: fc.option(fc.array(factIn(build), { maxLength: 4 })),
    frames: fc.option(fc.array(number, { minLength: 12, maxLength: 12 })),
    players: fc.array(player, { maxLength: 1 }),
    left: fc.boolean(),
    hash: fc.option(fc.constant("00000000000000aa"), { freq: 4 }),
    setup: fc.option(fc.constant({ kind: "setup", constants: { a: [1.5, "ü"] } } as never), { freq: 8 }),
  });

const recorded = fc.constantFrom(...Object.keys(builds)).chain((name) =>
  fc.record({
    build: fc.constant(builds[name]),
    matchId: fc.nat(2).map((number) => uuidV7(NOON_MS, number)),
    roomId: fc.constantFrom("r1", "r2", "é"),
    ticks: fc.array(tickOf(builds[name]), { minLength: 1, maxLength: 4 }),
  }),
);

type Recorded = typeof recorded extends fc.Arbitrary<infer T> ? T : never;

class Reader {
  /** How often JSON was made. */
  written = 0;
  readonly #decoder = new TickDecoder();
  readonly #messages: TickMessages;

  constructor() {
    const writer = new MessageWriter();
    const write = writer.write.bind(writer);
    writer.write = (...tick) => {
      this.written++;
      return write(...tick);
    };
    this.#messages = new TickMessages(writer);
    for (const layout of Object.values(builds).map(layoutOf)) this.#decoder.add(layoutIdOf(layout), layout);
  }

  /** As an embedded log delivers them. */
  read({ build, matchId, roomId, ticks }: Recorded): LogMessage[] {
    const layout = layoutOf(build);
    assert.ok(layout.events.every((event) => wordsIn(event, SEATS) === event.fields.length));
    const buffer = new RecordBuffer(16);
    const encoder = new TickEncoder({ game: {} as never, matchId, roomId, mode: "duel", seats: SEATS }, layout, buffer);
    const messages = ticks.map(({ at, facts, frames, players, left, hash, setup }, tick) => {
      const record = {
        ...{ ...emptyTick(tick), at, hash, setup },
        matchEvents: left ? [{ kind: "left" as const, player: "p1", seat: 0, reason: "gone" }] : [],
        facts: facts && factsOf(facts),
        frames: frames && framesOf(layout.frame.length, frames),
        seatChanges: players.map((player) => ({ kind: "seat" as const, seat: 0, player, bot: false, role: 0 })),
      };
      encoder.encode(record, "nothing");
      const origin = { outboxId: "0123456789abcdef", number: tick + 1 };
      return this.#messages.read(this.#decoder.decode(bytesOf(buffer)), origin);
    });
    const records = messages.map((_, at) => ({ number: at + 1, appendedAt: NOON_MS, bytes: Buffer.alloc(0) }));
    return [...selectMessages({ records, messages }, () => 0n).values()].flat();
  }
}

function framesOf(width: number, values: readonly number[]): Frames {
  const frames = new Frames(SEATS, width - 1);
  frames.values.set(values.slice(0, SEATS * width));
  return frames;
}

describe("columns of recorded events", () => {
  it("have the values that decodeMessage reads from the JSON, whichever build recorded them", () => {
    const seen = { columns: 0, tick: 0, rejected: 0 };
    const reader = new Reader();
    fc.assert(
      fc.property(fc.array(recorded, { minLength: 1, maxLength: 4 }), (matches) => {
        const messages = matches.flatMap((match) => reader.read(match));
        for (const { type } of decodeAlike(messages, catalogue)) seen[type as keyof typeof seen]++;
      }),
      { numRuns: 300 },
    );
    for (const [type, count] of Object.entries(seen)) assert.ok(count > 100, `${type}: ${JSON.stringify(seen)}`);
  });

  it("are filled without JSON, with the defaults of an older build", () => {
    const facts = [
      { kind: 0, words: [0, -1, 1, -500, 5, 0] },
      { kind: 0, words: [2, 1, 0, 2_000_000_000, 0, 2] },
    ];
    const match = { build: builds.older, matchId: uuidV7(NOON_MS, 1), roomId: "r1" as const };
    const tick = { at: NOON_MS, facts, frames: [1, 0, 0, 0, 0, 3], players: [], left: false, hash: null, setup: null };
    const reader = new Reader();
    const messages = reader.read({ ...match, ticks: [tick, tick] });
    const decode = new ColumnDecoder(catalogue).startBatch();
    const decoded = messages.map((message) => {
      assert.equal(new ColumnDecoder(catalogue).readHead(message)?.match.matchId, match.matchId);
      return decode(message);
    });
    assert.deepEqual(decoded.map(({ type, message }) => `${message.topic} ${type}`).sort(), [
      ...["logs_hit columns", "logs_hit columns", "logs_input columns"],
    ]);
    assert.equal(reader.written, 0);
    decodeAlike(messages, catalogue);
  });
});
