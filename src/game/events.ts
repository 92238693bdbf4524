/**
 * Owns the declaration of a game's events: zod schemas that also say how each field is packed into the words of a
 * fact. Types, JSON Schema, warehouse columns and Parquet columns are all derived from these schemas.
 * Never imported by a simulation: the rules write words (`Facts.ts`), this file says what they mean.
 */
import * as z from "zod";

/** How a field of an event is packed into words. */
export type Packing =
  /** One word as it stands. */
  | { readonly as: "int"; readonly min: number; readonly max: number }
  /** One word, a seat number; −1 is null where the field is nullable. Outside, the player's id. */
  | { readonly as: "seat" }
  /** `ceil(seats / 32)` words, a bit per seat, lowest seat first. Outside, the players' ids in seat order. */
  | { readonly as: "seats" }
  /** One word, the position in `names`. Outside, the name. */
  | { readonly as: "name"; readonly names: readonly string[] };

const packings = z.registry<Packing>();

/** A whole number of at most 32 bits. */
export function int(min: number, max: number) {
  const schema = z.int().min(min).max(max);
  packings.add(schema, { as: "int", min, max });
  return schema;
}

/** The player who holds a seat; outside the process a player id. */
export function seat() {
  const schema = z.string().min(1);
  packings.add(schema, { as: "seat" });
  return schema;
}

/** The player who holds a seat, or null. */
export function optionalSeat() {
  const schema = z.string().min(1).nullable();
  packings.add(schema, { as: "seat" });
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

/** The packing of a field made by one of the functions above. Throws on any other schema. */
export function packingOf(schema: z.core.$ZodType): Packing {
  const packing = packings.get(schema);
  if (packing === undefined) throw new Error("an event field must be made by int, seat, optionalSeat, seats or name");
  return packing;
}

/**
 * What overflow may drop: `first`, then `second`, `never` the rest.
 */
export type Shedding = "first" | "second" | "never";

export interface GameEvent<F extends Record<string, z.ZodType> = Record<string, z.ZodType>> {
  /** Topic without the `logs_` prefix. `match` carries the event as a match event whose `kind` is the event's name. */
  readonly topic: string;
  readonly shed: Shedding;
  /** Whether clients get it in the `facts` message. */
  readonly toClients: boolean;
  readonly fields: F;
}

/** Words that an event's fields take in a match of `seats` seats, the leading kind not counted. */
export function wordsOf(event: GameEvent, seats: number): number {
  let words = 0;
  for (const field of Object.values(event.fields)) {
    words += packingOf(field).as === "seats" ? Math.ceil(seats / 32) : 1;
  }
  return words;
}
