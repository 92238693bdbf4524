/** What a game declares of its world, and the shape that a match gives to it. */
import type { GameRules } from "../Game.ts";
import type { NumberArray, NumberType } from "./numbers.ts";

/** What the size of a world may depend on. Saved with the world, except for the rules. */
export interface WorldShape<R = any> {
  readonly rules: R;
  readonly mode: string;
  readonly map: string;
  /** Steps per second. */
  readonly tickRate: number;
  /** Team of each seat; the length is the number of seats. */
  readonly teams: readonly number[];
  /** Highest team number plus one. */
  readonly teamCount: number;
}

/** A row of numbers of one type. */
export interface ListField<A extends NumberArray = NumberArray> {
  readonly of: NumberType<A>;
  readonly length: number | ((shape: WorldShape) => number);
}

/** Numbers that each entry of a pool has. */
export type PoolFields = Readonly<Record<string, NumberType>>;

export interface PoolField<F extends PoolFields = PoolFields> {
  readonly capacity: number;
  readonly fields: F;
}

/** A world, part by part. Its numbers are stored in this order, and within a part in the order of their declaration. */
export interface WorldDeclaration {
  /** One number each, or a list of fixed length. */
  readonly globals?: Readonly<Record<string, NumberType | ListField>>;
  /** One number for each seat. */
  readonly seats?: Readonly<Record<string, NumberType>>;
  /** Rows of numbers whose length may depend on the match: one for each team, for each pair of seats. */
  readonly lists?: Readonly<Record<string, ListField>>;
  /** Things that appear and disappear: shots, items, creatures. */
  readonly pools?: Readonly<Record<string, PoolField>>;
}

/**
 * A row of `length` numbers. In `lists`, `length` may be a function of the match:
 * `list(u16, ({ teamCount }) => teamCount)`.
 */
export function list<A extends NumberArray, R extends GameRules = any>(
  of: NumberType<A>,
  length: number | ((shape: WorldShape<R>) => number),
): ListField<A> {
  return { of, length };
}

/** At most `capacity` entries at a time, each with the given fields. See `Pool`. */
export function pool<F extends PoolFields>(capacity: number, fields: F): PoolField<F> {
  return { capacity, fields };
}
