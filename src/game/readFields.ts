/** Checks what a client sent against declared fields. Nothing is assumed about the value: it may be anything that can be decoded. */
import * as z from "zod";
import type { ClientFields, FieldValue } from "./commands.ts";
import { type Packing, packingOf } from "./events.ts";
import { describeValue } from "./GameFault.ts";

export type Values = Readonly<Record<string, FieldValue>>;

/**
 * `problem`: what is wrong with which field, and what was expected. `playerUnknown`: all is right, but a player that it names has no
 * seat.
 */
export type Reading = { readonly values: Values } | { readonly problem: string } | { readonly playerUnknown: true };

/** Stands for a player who has no seat. */
const UNKNOWN = Symbol("player unknown");

/** Returns the seat of a player, −1 if the player has none. */
export type SeatOf = (player: string) => number;

export type ReadFields = (value: unknown, seatOf: SeatOf) => Reading;

/** The longest id of a player. */
const PLAYER_LENGTH_MAX = 128;
const NAME_SHOWN = 40;

interface Field {
  readonly name: string;
  readonly packing: Packing;
  readonly expected: string;
  /** Undefined if the field must be there. */
  readonly default: FieldValue | undefined;
}

/** Returns a function that reads values of these fields; of nothing as of an object without fields. The values that it returns are frozen, in the order of the fields. */
export function readerOf(declared: ClientFields): ReadFields {
  const fields = Object.entries(declared).map(([name, schema]): Field => {
    const packing = packingOf(schema);
    return { name, packing, expected: expectationOf(packing), default: defaultOf(schema) };
  });
  const names = new Set(Object.keys(declared));
  return (sent, seatOf) => {
    const value = sent ?? {};
    const problem = problemOfShape(value, names);
    if (problem !== null) return { problem };
    const values: Record<string, FieldValue> = {};
    let isPlayerUnknown = false;
    for (const field of fields) {
      const given = Object.hasOwn(value, field.name) ? (value as Record<string, unknown>)[field.name] : undefined;
      const read = given === undefined ? field.default : fieldValue(field.packing, given, seatOf);
      if (read === undefined)
        return { problem: `${field.name}: got ${describeValue(given)}, expected ${field.expected}` };
      if (read === UNKNOWN) isPlayerUnknown = true;
      else values[field.name] = read;
    }
    return isPlayerUnknown ? { playerUnknown: true } : { values: Object.freeze(values) };
  };
}

/** What is wrong with something that should be an object with no other fields than these; null for such an object. */
export function problemOfShape(
  value: unknown,
  names: Pick<ReadonlyMap<string, unknown>, "has" | "keys" | "size">,
): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return `got ${describeValue(value)}, expected an object`;
  const unknown = Object.keys(value).find((name) => !names.has(name));
  if (unknown === undefined) return null;
  const expected = names.size === 0 ? "none" : [...names.keys()].join(", ");
  return `${JSON.stringify(unknown.slice(0, NAME_SHOWN))}: there is no such field, expected ${expected}`;
}

/** Whether a field of `int` or `name` accepts the value. */
export function accepts(packing: Extract<Packing, { as: "int" | "name" }>, value: unknown): boolean {
  if (packing.as === "name") return packing.names.includes(value as string);
  return Number.isInteger(value) && (value as number) >= packing.min && (value as number) <= packing.max;
}

/** The values of a client that sent none of the fields. Each must have a default. */
export function defaultsOf(declared: ClientFields): Values {
  const entries = Object.entries(declared).map(([name, schema]) => [name, defaultOf(schema)!] as const);
  return Object.freeze(Object.fromEntries(entries));
}

/** Undefined if the field does not accept the value. */
function fieldValue(packing: Packing, given: unknown, seatOf: SeatOf): FieldValue | typeof UNKNOWN | undefined {
  switch (packing.as) {
    case "int":
      return accepts(packing, given) ? (given as number) + 0 : undefined;
    case "name":
      return accepts(packing, given) ? (given as string) : undefined;
    case "seat": {
      if (given === null) return packing.nullable ? null : undefined;
      if (typeof given !== "string" || given === "" || given.length > PLAYER_LENGTH_MAX) return undefined;
      const seat = seatOf(given);
      return seat < 0 ? UNKNOWN : seat;
    }
    case "seats":
      return undefined;
  }
}

function defaultOf(schema: z.core.$ZodType): FieldValue | undefined {
  return schema instanceof z.ZodDefault ? (schema.def.defaultValue as FieldValue) : undefined;
}

export function expectationOf(packing: Packing): string {
  if (packing.as === "int") return `a whole number from ${packing.min} to ${packing.max}`;
  if (packing.as === "name") return `one of ${packing.names.map((name) => JSON.stringify(name)).join(", ")}`;
  return packing.as === "seat" && packing.nullable ? "the id of a player, or null" : "the id of a player";
}
