/** From a declaration and a shape to offsets in one buffer. */
import { checkLength } from "./checkDeclaration.ts";
import type { ListField, WorldDeclaration, WorldShape } from "./declaration.ts";
import { isNumberType, type NumberType, u32 } from "./numbers.ts";

/** A stretch of numbers of one type in the buffer of a world. */
export interface Stretch {
  /** As in errors: `seats.x`, `pools.orbs.x`. */
  readonly path: string;
  readonly type: NumberType;
  /** In bytes; a multiple of the size of the type. */
  readonly offset: number;
  readonly length: number;
  /** Whether it is one number that has no index. */
  readonly single: boolean;
}

export interface Layout {
  readonly stretches: readonly Stretch[];
  /** A multiple of 4, so that the whole buffer can be read as 32-bit words. */
  readonly byteLength: number;
}

/** The two numbers that each pool has before its entries. */
export const POOL_NUMBERS = ["spawned", "count"] as const;

/**
 * Places globals, seats, lists and pools in this order, each field directly after the previous one, except that its offset is
 * rounded up to the size of its type. Throws if a computed length is not a whole number of at least 1.
 */
export function layoutOf(
  { globals = {}, seats = {}, lists = {}, pools = {} }: WorldDeclaration,
  shape: WorldShape,
): Layout {
  const stretches: Stretch[] = [];
  let end = 0;
  const place = (path: string, type: NumberType, length: number, single = false): void => {
    const offset = Math.trunc((end + type.bytes - 1) / type.bytes) * type.bytes;
    stretches.push({ path, type, offset, length, single });
    end = offset + length * type.bytes;
  };
  const placeList = (path: string, { of, length }: ListField): void => {
    const entries = typeof length === "function" ? length(shape) : length;
    checkLength(path, "length", entries);
    place(path, of, entries);
  };
  for (const [name, field] of Object.entries(globals)) {
    if (isNumberType(field)) place(`globals.${name}`, field, 1, true);
    else placeList(`globals.${name}`, field);
  }
  for (const [name, type] of Object.entries(seats)) place(`seats.${name}`, type, shape.teams.length);
  for (const [name, field] of Object.entries(lists)) placeList(`lists.${name}`, field);
  for (const [name, { capacity, fields }] of Object.entries(pools)) {
    for (const number of POOL_NUMBERS) place(`pools.${name}.${number}`, u32, 1, true);
    place(`pools.${name}.serial`, u32, capacity);
    for (const [field, type] of Object.entries(fields)) place(`pools.${name}.${field}`, type, capacity);
  }
  return { stretches, byteLength: Math.trunc((end + 3) / 4) * 4 };
}

/** Names and types of all fields in their order, as one string: worlds with the same one have the same layout in the same shape. */
export function layoutText({ globals = {}, seats = {}, lists = {}, pools = {} }: WorldDeclaration): string {
  const textOf = (field: NumberType | ListField): string =>
    isNumberType(field) ? field.name : `${field.of.name}[${typeof field.length === "function" ? "" : field.length}]`;
  const partOf = (part: Readonly<Record<string, NumberType | ListField>>): string =>
    Object.entries(part)
      .map(([name, field]) => `${name}:${textOf(field)}`)
      .join();
  const poolTexts = Object.entries(pools).map(
    ([name, { capacity, fields }]) => `${name}:${capacity}(${partOf(fields)})`,
  );
  return [partOf(globals), partOf(seats), partOf(lists), poolTexts.join()].join(";");
}
