/**
 * Declares the events of a game: zod schemas that also define how each field is packed into the words of a fact. Types, JSON
 * Schema, warehouse columns, Parquet columns, and the functions with which a game writes facts (`emit.ts`) are derived from them.
 */
import * as z from "zod";

/** How an event field is packed into words. */
export type Packing =
  /** One word: the number itself. */
  | { readonly as: "int"; readonly min: number; readonly max: number }
  /** One word: a seat number, −1 for null. In the event: the id of the player in the seat. */
  | { readonly as: "seat"; readonly nullable: boolean }
  /** `ceil(seats / 32)` words: one bit per seat, lowest seat first. In the event: the ids of the players in seat order. */
  | { readonly as: "seats" }
  /** One word: the position in `names`. In the event: the name. */
  | { readonly as: "name"; readonly names: readonly string[] };

const packings = z.registry<Packing>();

/** A whole number from `min` to `max`, both inclusive, at most 32 bits with sign. Throws if `min` or `max` is not one. */
export function int(min: number, max: number) {
  if ((min | 0) !== min || (max | 0) !== max || min > max)
    throw new Error(
      `invalid range int(${min}, ${max}): expected two whole numbers from −2^31 to 2^31 − 1, the lower first`,
    );
  const schema = z.int().min(min).max(max);
  packings.add(schema, { as: "int", min, max });
  return schema;
}

/** The player who holds a seat. */
export function seat() {
  const schema = z.string().min(1);
  packings.add(schema, { as: "seat", nullable: false });
  return schema;
}

/** The player who holds a seat, or null. */
export function optionalSeat() {
  const schema = z.string().min(1).nullable();
  packings.add(schema, { as: "seat", nullable: true });
  return schema;
}

/** A set of players. */
export function seats() {
  const schema = z.array(z.string().min(1));
  packings.add(schema, { as: "seats" });
  return schema;
}

/** One of a fixed list of names. */
export function name<const N extends readonly [string, ...string[]]>(names: N) {
  const schema = z.enum(names);
  packings.add(schema, { as: "name", names });
  return schema;
}

/**
 * Returns the packing of a field. Throws if the schema was not created by one of the functions above, with or without
 * `.default(value)` or `.optional()`.
 */
export function packingOf(schema: z.core.$ZodType): Packing {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) return packingOf(schema.unwrap());
  const packing = packings.get(schema);
  if (packing === undefined)
    throw new Error(
      "unknown event field: expected a field created by int, seat, optionalSeat, seats or name, to which only .default or .optional is added",
    );
  return packing;
}

/** The part of a packing that is needed to unpack a field. */
export interface FieldPacking {
  readonly as: Packing["as"];
  /** For `as: "name"`. */
  readonly names?: readonly string[];
}

/** Returns the number of words of a field in a match with `seats` seats. */
export function wordsOfField({ as }: FieldPacking, seats: number): number {
  return as === "seats" ? Math.ceil(seats / 32) : 1;
}

/**
 * Returns the value of the field whose first word is `words[at]`, in a match with `seats` seats. `playerOf` returns the id of the
 * player in a seat, or what else stands for the player; an error that it throws is passed on. Returns undefined if the word is not the position of a name.
 */
export function unpackField(
  { as, names }: FieldPacking,
  words: ArrayLike<number>,
  at: number,
  seats: number,
  playerOf: (seat: number) => unknown,
): unknown {
  const word = words[at];
  switch (as) {
    case "int":
      return word;
    case "name":
      return names?.[word];
    case "seat":
      return word === -1 ? null : playerOf(word);
    case "seats": {
      const players: unknown[] = [];
      for (let seat = 0; seat < seats; seat++) {
        if ((words[at + (seat >> 5)] >>> (seat & 31)) & 1) players.push(playerOf(seat));
      }
      return players;
    }
  }
}

/**
 * When events are dropped while the outbox is too full: `first` before all others, `second` if that is not enough, `never` not at
 * all.
 */
export type Shedding = "first" | "second" | "never";

/**
 * For what only some players may know: `toClients: { only: "player" }`. The receivers are those who hold the seats in that field at the
 * end of the step. Bots, spectators, and players who are not connected then receive nothing. It is recorded like any other event.
 */
export interface ToPlayers {
  /** A field of the event, created by `seat`, `optionalSeat` or `seats`. */
  readonly only: string;
}

export interface GameEvent<F extends Record<string, z.ZodType> = Record<string, z.ZodType>> {
  /** Topic without the `logs_` prefix. With `match`, the event is a match event whose `kind` is the name of the event. */
  readonly topic: string;
  readonly shed: Shedding;
  /** Who receives it in the message `facts`: all clients, none, or only the players whom one of its fields names. */
  readonly toClients: boolean | ToPlayers;
  /**
   * A field that older messages do not have is declared with `.default(value)`, which is read in its place, or with
   * `.optional()`. The simulation writes every field.
   */
  readonly fields: F;
  /** The version `v` of the topic's messages of this game; 1 if omitted. Not for `match`, whose version is the platform's. */
  readonly version?: number;
  /** One for each older version: converts an event of that version to the next one. Keeps `i`, and must not throw. */
  readonly readers?: Readonly<Record<number, EventReader>>;
  /** The game no longer writes the event. It stays declared, so that messages of older builds can be read. */
  readonly retired?: true;
}

/** The fields of an event by name, `i` included. */
type EventFields = Readonly<Record<string, unknown>>;

export type EventReader = (event: EventFields) => EventFields;

/** Returns the number of words of a fact in a match with `seats` seats, not counting its kind. */
export function wordsOf(event: GameEvent, seats: number): number {
  let words = 0;
  for (const field of Object.values(event.fields)) {
    words += wordsOfField(packingOf(field), seats);
  }
  return words;
}
