/** Random declarations, and worlds of them that are full of random numbers. */
import fc from "fast-check";
import type { DeclaredWorld } from "../../../src/game/world/DeclaredWorld.ts";
import { list, type PoolField, pool, type WorldDeclaration } from "../../../src/game/world/declaration.ts";
import { defineWorld, type WorldType } from "../../../src/game/world/defineWorld.ts";
import {
  fixed,
  i8,
  i16,
  i32,
  type NumberArray,
  type NumberType,
  u8,
  u16,
  u32,
} from "../../../src/game/world/numbers.ts";

export const rules = { version: "1" };

const type = fc.constantFrom<NumberType>(i32, u32, i16, u16, i8, u8, fixed(256), fixed(10));
const named = <T>(prefix: string, of: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.array(of, { maxLength: 5 }).map((all) => Object.fromEntries(all.map((one, i) => [`${prefix}${i}`, one])));
const fixedList = fc.tuple(type, fc.integer({ min: 1, max: 5 })).map(([of, length]) => list(of, length));
const perTeam = type.map((of) => list(of, ({ teamCount }) => teamCount));
const somePool: fc.Arbitrary<PoolField> = fc
  .tuple(fc.integer({ min: 1, max: 6 }), named("p", type))
  .map(([capacity, fields]) => pool(capacity, fields));

export const declarations: fc.Arbitrary<WorldDeclaration> = fc.record({
  globals: named("g", fc.oneof(type, fixedList)).map((globals) => ({ tick: u32, ...globals })),
  seats: named("s", type),
  lists: named("l", fc.oneof(fixedList, perTeam)),
  pools: named("o", somePool),
});

export const teams = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 6 });

export const setupOf = (teams: readonly number[], mode = "duel", map = "yard", tickRate = 20) => ({
  ...{ mode, map, tickRate },
  roster: teams.map((team, seat) => ({ seat, team, role: 0 })),
});

/** All numbers of a world that can be written as elements of an array, by path. */
export function viewsOf(world: DeclaredWorld<WorldDeclaration>): Map<string, NumberArray> {
  const views = new Map<string, NumberArray>();
  const add = (prefix: string, part: object): void => {
    for (const [name, view] of Object.entries(Object.getOwnPropertyDescriptors(part)))
      if (ArrayBuffer.isView(view.value)) views.set(`${prefix}.${name}`, view.value as unknown as NumberArray);
  };
  add("globals", world.globals);
  add("seats", world.seats);
  add("lists", world.lists);
  for (const [name, one] of Object.entries(world.pools)) add(`pools.${name}`, one);
  for (const name of [...views.keys()]) if (/\.(\$\w+|serial)$/.test(name)) views.delete(name);
  return views;
}

/** Writes random numbers of the right range everywhere, and spawns and frees entries of the pools. */
export function fill(world: DeclaredWorld<WorldDeclaration>, words: Iterator<number>): void {
  const next = (): number => words.next().value;
  for (const name of singlesOf(world)) globalsOf(world)[name] = next();
  for (const one of Object.values(world.pools)) {
    for (let i = 0; i < one.capacity; i++) {
      if (next() % 3 !== 0) one.spawn();
      if (next() % 4 === 0 && one.lives(0)) one.free(0);
    }
  }
  for (const [path, view] of viewsOf(world)) {
    const [, name] = path.split(".");
    for (let i = 0; i < view.length; i++) {
      const isFree = path.startsWith("pools.") && !world.pools[name].lives(i);
      view[i] = isFree ? 0 : next();
    }
  }
}

/** The globals, of which only those that are single numbers may be used. */
export const globalsOf = (world: DeclaredWorld<WorldDeclaration>) => world.globals as unknown as Record<string, number>;

/** The names of the globals that are single numbers. */
export const singlesOf = ({ layout }: DeclaredWorld<WorldDeclaration>): string[] =>
  layout.stretches.filter(({ path, single }) => single && path.startsWith("globals.")).map(({ path }) => path.slice(8));

/** An endless row of numbers of 32 bits that depends only on `seed`. */
export function* numbersFrom(seed: number): Generator<number, number> {
  for (let word = seed | 1; ; ) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    yield word >>> 0;
  }
}

export interface Filled {
  readonly kind: WorldType<WorldDeclaration>;
  readonly world: DeclaredWorld<WorldDeclaration>;
  readonly seed: number;
}

export const filledWorlds: fc.Arbitrary<Filled> = fc
  .tuple(declarations, teams, fc.nat())
  .map(([declaration, teams, seed]) => {
    const kind = defineWorld(declaration);
    const world = kind.create(rules, setupOf(teams));
    fill(world, numbersFrom(seed));
    return { kind, world, seed };
  });
