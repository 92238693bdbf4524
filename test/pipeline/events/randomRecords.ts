/** Records of matches with any words, in the layouts of this build and of others. */
import fc from "fast-check";
import type { Ended, RoomMatchEvent } from "../../../schema/matchEvents.ts";
import { arena } from "../../../src/arena/game.ts";
import type { Facts } from "../../../src/game/Facts.ts";
import { Frames } from "../../../src/game/Frames.ts";
import type { TickRecord } from "../../../src/game/TickEvents.ts";
import type { RecordBuffer } from "../../../src/pipeline/events/RecordBuffer.ts";
import { RecordDamaged } from "../../../src/pipeline/events/RecordCursor.ts";
import {
  type FieldLayout,
  layoutIdOf,
  layoutOf,
  type RecordLayout,
} from "../../../src/pipeline/events/RecordLayout.ts";
import { tag } from "../../tag/tag.ts";
import { commandIn, type Fact, factsOf, fixture, seatChangeIn } from "./fixtureGame.ts";

/** Layouts of this build, and some that only another build can have written. */
export const present = [fixture, arena, tag].map(layoutOf);
const fields: FieldLayout[] = [
  { name: 'quoted " and é', as: "int" },
  { name: "7", as: "seats" },
  { name: "kind", as: "name", names: ["", "\u2028 🎯", 'a"\\'] },
  { name: "more", as: "seats" },
  { name: "last", as: "seat" },
];
const other: RecordLayout = {
  ...{
    game: "other",
    topics: ["logs_match", "logs_input", "logs_a", "logs_b"],
    versions: { logs_a: 3, logs_input: 2 },
  },
  events: [
    { name: "in match", topic: 0, shed: "never", fields },
    { name: "a", topic: 2, shed: "never", fields },
    { name: "empty", topic: 3, shed: "never", fields: [] },
    { name: "later", topic: 3, shed: "never", fields: [{ name: "x", as: "unknown" as never }] },
  ],
  frame: ["seat", "3", "moveX"],
};
export const layouts = new Map([...present, other].map((layout) => [layoutIdOf(layout), layout]));

const word = fc.oneof(fc.integer({ min: -2147483648, max: 2147483647 }), fc.integer({ min: -11, max: 1001 }));
const mostly = (usual: fc.Arbitrary<number>) =>
  fc.oneof({ weight: 200, arbitrary: usual }, { weight: 1, arbitrary: word });

function wordsOf({ as, names = [""] }: FieldLayout, seats: number): fc.Arbitrary<number>[] {
  if (as === "seats") return Array.from({ length: Math.ceil(seats / 32) }, () => word);
  if (as === "seat") return [mostly(fc.integer({ min: -1, max: seats - 1 }))];
  return [as === "name" ? mostly(fc.nat(names.length - 1)) : word];
}

function factIn({ events }: RecordLayout, seats: number): fc.Arbitrary<Fact> {
  const kinds = events.map((event, kind) =>
    fc
      .tuple(...event.fields.flatMap((field) => wordsOf(field, seats)))
      .map((words): Fact => ({ kind, words: words as number[] })),
  );
  const [first, ...rest] = kinds.map((arbitrary, kind) => ({
    // A later build's kind of field always makes the record unreadable.
    weight: events[kind].name === "later" ? 1 : 100,
    arbitrary,
  }));
  return fc.oneof(first, ...rest);
}

const player = fc.oneof(fc.uuid({ version: 7 }), fc.string({ minLength: 1, unit: "binary" }));
const ended: Ended = { kind: "ended", reason: "time", lastTick: 1, standings: [], teamScores: [3] };
const matchEvent: fc.Arbitrary<RoomMatchEvent> = fc.oneof(
  fc.record({
    kind: fc.constant("left" as const),
    player,
    seat: fc.constant(0),
    reason: fc.string({ unit: "binary" }),
  }),
  fc.constant(ended),
);

function recordIn(layout: RecordLayout, seats: number): fc.Arbitrary<TickRecord> {
  const width = layout.frame.length;
  const values = fc.array(word, { minLength: seats * width, maxLength: seats * width });
  const frames = fc.tuple(values, fc.array(commandIn(seats), { maxLength: 2 })).map(([applied, commands]) => {
    const all = new Frames(seats, width - 1);
    all.values.set(applied);
    all.commands = commands;
    return all;
  });
  return fc.record({
    tick: fc.nat(0xffffffff),
    at: fc.oneof(fc.nat(), fc.double(), fc.constant(1_700_000_000_150)),
    matchEvents: fc.array(matchEvent, { maxLength: 2 }),
    facts: fc.option(fc.array(factIn(layout, seats), { maxLength: 12 }).map((facts): Facts => factsOf(facts))),
    setup: fc.option(fc.constant({ kind: "setup", constants: { a: [1.5, "ü"] } } as never)),
    seatChanges: fc.array(seatChangeIn(seats), { maxLength: 3 }),
    frames: fc.option(frames),
    hash: fc.option(fc.stringMatching(/^[0-9a-f]{16}$/)),
  });
}

export const match = fc
  .tuple(fc.constantFrom(...layouts.values()), fc.constantFrom(1, 2, 16, 33, 100))
  .chain(([layout, seats]) =>
    fc.record({
      layout: fc.constant(layout),
      seats: fc.constant(seats),
      records: fc.array(recordIn(layout, seats), { minLength: 1, maxLength: 3 }),
      shedding: fc.constantFrom("nothing" as const, "first" as const),
    }),
  );

export const damage = fc.record({
  ...{ at: fc.nat(), bytes: fc.uint8Array({ minLength: 0, maxLength: 8 }), cut: fc.nat(3) },
});

/** The reason why a record is damaged, instead of what is read from it. */
export function orDamage<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RecordDamaged)) throw error;
    return error.message;
  }
}

export function bytesOf(buffer: RecordBuffer): Buffer {
  return Buffer.from(buffer.bytes.subarray(0, buffer.length));
}
