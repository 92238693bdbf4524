/** One world: a buffer, and the views of it that the declaration names. */
import type { GameRules } from "../Game.ts";
import { checkedView, writesAreChecked } from "./checkedWrites.ts";
import type { ListField, PoolField, WorldDeclaration, WorldShape } from "./declaration.ts";
import { type GlobalsFactory, globalsFactory } from "./GlobalViews.ts";
import { type Layout, layoutOf, type Stretch } from "./layout.ts";
import type { NumberArray, NumberType } from "./numbers.ts";
import { Pool } from "./Pool.ts";

type Part<D, K extends keyof WorldDeclaration> = K extends keyof D ? NonNullable<D[K]> : {};
type ViewOf<T> = T extends NumberType<infer A> ? A : T extends ListField<infer A> ? A : never;
type Views<F> = { readonly [K in keyof F]: ViewOf<F[K]> };
type SingleNames<F> = { [K in keyof F]: F[K] extends NumberType ? K : never }[keyof F];

export type Globals<D> = { [K in SingleNames<Part<D, "globals">>]: number } & Views<
  Omit<Part<D, "globals">, SingleNames<Part<D, "globals">>>
>;
export type Seats<D> = Views<Part<D, "seats">>;
export type Lists<D> = Views<Part<D, "lists">>;
type PoolOf<T> = T extends PoolField<infer F> ? Pool & Views<F> : never;
export type Pools<D> = { readonly [K in keyof Part<D, "pools">]: PoolOf<Part<D, "pools">[K]> };

/** A world of declaration `D`, for rules `R`. `E` is what the game emits its facts with. */
export interface DeclaredWorld<D, R = GameRules, E = unknown> extends WorldShape<R> {
  /** Given at `create` or `load`. Neither saved nor compared. */
  readonly emit: E;
  /** Numbers and fixed lists: `world.globals.tick++`. */
  readonly globals: Globals<D>;
  /** A typed array for each field, with one number per seat: `world.seats.x[seat]`. */
  readonly seats: Seats<D>;
  readonly lists: Lists<D>;
  readonly pools: Pools<D>;
  /** The whole state. Everything above is a view of it. */
  readonly words: Int32Array;
  readonly layout: Layout;
}

/** Globals classes by declaration: one for unchecked writes, one for checked ones. */
export type GlobalsCache = Map<boolean, GlobalsFactory>;

/** Creates the world of `shape` with all numbers 0. */
export function buildWorld<D extends WorldDeclaration, R, E>(
  declaration: D,
  shape: WorldShape<R>,
  emit: E,
  cache: GlobalsCache,
): DeclaredWorld<D, R, E> {
  const layout = layoutOf(declaration, shape);
  const buffer = new ArrayBuffer(layout.byteLength);
  const isChecked = writesAreChecked();
  const stretches = new Map(layout.stretches.map((stretch) => [stretch.path, stretch]));
  const raw = (path: string): NumberArray => {
    const { type, offset, length } = stretches.get(path)!;
    return type.view(buffer, offset, length);
  };
  const view = (path: string): NumberArray => (isChecked ? checkedView(raw(path), stretches.get(path)!) : raw(path));
  const viewsOf = (part: string, names: Readonly<Record<string, unknown>> = {}): object =>
    addViews({}, Object.keys(names), (name) => view(`${part}.${name}`));
  let globalsOf = cache.get(isChecked);
  if (globalsOf === undefined) {
    const names = Object.keys(declaration.globals ?? {});
    globalsOf = globalsFactory(new Map(names.map((name) => [name, stretches.get(`globals.${name}`)!])), isChecked);
    cache.set(isChecked, globalsOf);
  }
  const pools = addViews({}, Object.keys(declaration.pools ?? {}), (name) => {
    const path = `pools.${name}`;
    const fields = Object.keys(declaration.pools![name].fields);
    const { offset } = stretches.get(`${path}.spawned`) as Stretch;
    const pool = new Pool(
      new Uint32Array(buffer, offset, 2),
      raw(`${path}.serial`) as Uint32Array,
      fields.map((field) => raw(`${path}.${field}`)),
    );
    return addViews(pool, fields, (field) => view(`${path}.${field}`));
  });
  const { rules, mode, map, tickRate, teams, teamCount } = shape;
  const world = {
    ...{ rules, mode, map, tickRate, teams, teamCount, emit },
    globals: globalsOf(buffer),
    seats: viewsOf("seats", declaration.seats),
    lists: viewsOf("lists", declaration.lists),
    ...{ pools, words: new Int32Array(buffer), layout },
  };
  return world as unknown as DeclaredWorld<D, R, E>;
}

/**
 * Defines a read-only property of `target` for each name. By `defineProperty`, because engines turn an object that gets many
 * properties by assignment of computed names into a slow hash table.
 */
export function addViews<T extends object>(target: T, names: readonly string[], valueAt: (name: string) => unknown): T {
  for (const name of names) Object.defineProperty(target, name, { value: valueAt(name), enumerable: true });
  return target;
}
