/** Worlds for people: a plain object to read, and the first field in which two worlds differ. */
import type { DebugView } from "./DebugView.ts";
import type { WorldDeclaration, WorldShape } from "./declaration.ts";
import type { Layout, Stretch } from "./layout.ts";
import type { NumberArray } from "./numbers.ts";

/** What the functions of this file read of a world. */
export interface Inspected extends WorldShape {
  readonly words: Int32Array;
  readonly layout: Layout;
}

/** Whether `world` is a declared world. */
export function isInspected(world: unknown): world is Inspected {
  if (typeof world !== "object" || world === null) return false;
  const { words, layout } = world as Partial<Inspected>;
  return words instanceof Int32Array && Array.isArray(layout?.stretches);
}

type Row = Record<string, number>;

const viewOf = ({ words }: Inspected, { type, offset, length }: Stretch): NumberArray =>
  type.view(words.buffer as ArrayBuffer, words.byteOffset + offset, length);

/** Returns a copy of the world that can be printed, compared and turned into JSON. */
export function debugViewOf(declaration: WorldDeclaration, world: Inspected): DebugView {
  const stretches = new Map(world.layout.stretches.map((stretch) => [stretch.path, stretch]));
  const numbers = (path: string): number[] => {
    const stretch = stretches.get(path)!;
    return Array.from(viewOf(world, stretch), (stored) => stored / stretch.type.scale);
  };
  const columns = (part: string, names: object = {}): Record<string, number[]> =>
    Object.fromEntries(Object.keys(names).map((name) => [name, numbers(`${part}.${name}`)]));
  const rowAt = (table: Record<string, number[]>, at: number): Row =>
    Object.fromEntries(Object.entries(table).map(([name, column]) => [name, column[at]]));
  const globals = Object.keys(declaration.globals ?? {}).map((name) => {
    const { path, single } = stretches.get(`globals.${name}`)!;
    return [name, single ? numbers(path)[0] : numbers(path)];
  });
  const seats = columns("seats", declaration.seats);
  const pools = Object.entries(declaration.pools ?? {}).map(([name, { fields }]) => {
    const table = columns(`pools.${name}`, { serial: null, ...fields });
    return [name, table.serial.flatMap((serial, at) => (serial === 0 ? [] : [{ at, ...rowAt(table, at) }]))];
  });
  const { mode, map, tickRate, teams } = world;
  return {
    ...{ mode, map, tickRate, globals: Object.fromEntries(globals) },
    seats: teams.map((team, seat) => ({ seat, team, ...rowAt(seats, seat) })),
    lists: columns("lists", declaration.lists),
    pools: Object.fromEntries(pools),
  };
}

/**
 * Names the first field in which two worlds of one declaration differ, with both values, as in `seats.x[3]: 5 and 6`; null if
 * they have the same shape and the same state. Fixed-point numbers are divided by their scale.
 */
export function firstDifferenceOf(a: Inspected, b: Inspected): string | null {
  for (const property of ["mode", "map", "tickRate"] as const) {
    if (a[property] !== b[property]) return `${property}: ${a[property]} and ${b[property]}`;
  }
  if (a.teams.join() !== b.teams.join()) return `teams: ${a.teams.join()} and ${b.teams.join()}`;
  for (const [at, stretch] of a.layout.stretches.entries()) {
    const { path, length, single, type } = stretch;
    const other = b.layout.stretches[at];
    if (other.length !== length) return `${path} has ${length} and ${other.length} entries`;
    const [mine, theirs] = [viewOf(a, stretch), viewOf(b, other)];
    const i = mine.findIndex((stored, index) => stored !== theirs[index]);
    if (i >= 0) return `${path}${single ? "" : `[${i}]`}: ${mine[i] / type.scale} and ${theirs[i] / type.scale}`;
  }
  return null;
}
