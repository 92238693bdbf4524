/** A minimal game declaration that uses every way to pack a field, and matches made of random ticks. */
import fc from "fast-check";
import { type GameEvent, int, name, optionalSeat, packingOf, seat, seats, wordsOf } from "../../../src/game/events.ts";
import { Facts } from "../../../src/game/Facts.ts";
import { Frames } from "../../../src/game/Frames.ts";
import type { Game } from "../../../src/game/Game.ts";
import type { MatchIdentity, TickRecord } from "../../../src/game/TickEvents.ts";

export const events = {
  hit: {
    topic: "hit",
    shed: "second",
    toClients: true,
    fields: { by: seat(), target: optionalSeat(), tool: name(["hand", "stick"]), force: int(-2147483648, 2147483647) },
  },
  respawned: { topic: "match", shed: "never", toClients: false, fields: { player: seat(), x: int(0, 65535) } },
  step: { topic: "step", shed: "first", toClients: false, fields: { player: seat(), x: int(0, 65535) } },
  fall: { topic: "fall", shed: "never", toClients: true, fields: { victim: seat(), assists: seats() } },
} as const satisfies Record<string, GameEvent>;

/** Only the parts of a game that determine its events. */
export const fixture = {
  name: "fixture",
  events,
  inputFields: [
    { name: "moveX", min: -127, max: 127 },
    { name: "buttons", min: 0, max: 255 },
  ],
} as unknown as Game;

export const MATCH_ID = "018f4e3a-9c1b-7d2e-8f00-0123456789ab";

export function identity(seats: number, matchId = MATCH_ID): MatchIdentity {
  return { game: fixture, matchId, roomId: "room-1", mode: "duel", seats };
}

export interface Fact {
  readonly kind: number;
  readonly words: number[];
}

export function factsOf(list: readonly Fact[]): Facts {
  const facts = new Facts(4);
  for (const { kind, words } of list) {
    facts.reserve(1 + words.length).set([kind, ...words], facts.length);
    facts.commit(1 + words.length);
  }
  return facts;
}

export function framesOf(seats: number, values: readonly number[], commands: Frames["commands"] = []): Frames {
  const frames = new Frames(seats, 2);
  frames.commands = commands;
  frames.values.set(values);
  return frames;
}

export function emptyTick(tick: number): TickRecord {
  const at = 1_700_000_000_000 + tick * 50;
  return { tick, at, matchEvents: [], facts: null, setup: null, seatChanges: [], frames: null, hash: null };
}

const word = fc.integer({ min: -2147483648, max: 2147483647 });

function factIn(seats: number): fc.Arbitrary<Fact> {
  const list = Object.values<GameEvent>(events);
  return fc.nat(list.length - 1).chain((kind) => {
    const fields = Object.values(list[kind].fields).flatMap((field) => {
      const packing = packingOf(field);
      if (packing.as === "int") return [fc.integer({ min: packing.min, max: packing.max })];
      if (packing.as === "name") return [fc.nat(packing.names.length - 1)];
      if (packing.as === "seats") return Array.from({ length: Math.ceil(seats / 32) }, () => word);
      return [fc.integer({ min: field === events.hit.fields.target ? -1 : 0, max: seats - 1 })];
    });
    const words = fc.tuple(...fields) as fc.Arbitrary<number[]>;
    return words
      .filter((values) => values.length === wordsOf(list[kind], seats))
      .map((values) => ({ kind, words: values }));
  });
}

export interface RandomTick {
  readonly facts: Fact[] | null;
  readonly frames: number[] | null;
  readonly seatChanges: TickRecord["seatChanges"];
  readonly left: string | null;
  readonly hash: string | null;
  /** Applied with the frames. */
  readonly commands?: Frames["commands"];
}

const player = fc.oneof(fc.uuid({ version: 4 }), fc.string({ minLength: 1, unit: "binary" }), fc.constant("bot:1"));
const hex = (digits: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`));

const declaredName = fc.stringMatching(/^[a-z][A-Za-z0-9]{0,9}$/);
/** Values of fields that a game declares. */
export const declaredValues = fc.dictionary(
  declaredName,
  fc.oneof(fc.integer(), fc.string({ unit: "binary" }), fc.constant(null)),
  { noNullPrototype: true, maxKeys: 4 },
);
export const seatChangeIn = (seats: number) =>
  fc.record(
    {
      kind: fc.constant("seat" as const),
      seat: fc.nat(seats - 1),
      player: fc.option(player),
      bot: fc.boolean(),
      role: fc.nat(3),
      options: declaredValues,
    },
    { requiredKeys: ["kind", "seat", "player", "bot", "role"] },
  );
export const commandIn = (seats: number) =>
  fc.record({ seat: fc.nat(seats - 1), name: declaredName, data: declaredValues });

export function ticksIn(seats: number): fc.Arbitrary<RandomTick[]> {
  const smallWord = fc.oneof(fc.constant(0), fc.constant(1), word);
  const tick = fc.record({
    facts: fc.option(fc.array(factIn(seats), { maxLength: 12 })),
    frames: fc.option(fc.array(smallWord, { minLength: seats * 3, maxLength: seats * 3 })),
    seatChanges: fc.array(seatChangeIn(seats), { maxLength: 2 }),
    left: fc.option(player),
    hash: fc.option(hex(16)),
    commands: fc.array(commandIn(seats), { maxLength: 2 }),
  });
  return fc.array(tick, { minLength: 1, maxLength: 8 });
}

export function recordOf(seats: number, tick: number, random: RandomTick): TickRecord {
  return {
    ...emptyTick(tick),
    matchEvents: random.left === null ? [] : [{ kind: "left", player: random.left, seat: 0, reason: "gone" }],
    facts: random.facts === null ? null : factsOf(random.facts),
    seatChanges: random.seatChanges,
    frames: random.frames === null ? null : framesOf(seats, random.frames, random.commands),
    hash: random.hash,
  };
}
