/** The state that clients receive of a declared world: a class for each part, and how they are written after each step. */
import { type FieldBuilder, type Schema, schema, t } from "@colyseus/schema";
import type { Game } from "../Game.ts";
import { PHASE_NAMES } from "../kit/clock.ts";
import type { ListField, WorldDeclaration } from "../world/declaration.ts";
import { isNumberType, type NumberArray, type NumberType } from "../world/numbers.ts";
import type { Pool } from "../world/Pool.ts";
import { stateClasses } from "./state.ts";

const TYPES = { i32: "int32", u32: "uint32", i16: "int16", u16: "uint16", i8: "int8", u8: "uint8" } as const;

const numberField = (type: NumberType) => t[TYPES[type.stored]]().default(0);
const fieldOf = (field: NumberType | ListField): FieldBuilder<any, any> =>
  isNumberType(field) ? numberField(field) : t.array(TYPES[field.of.stored]);

/** A world, as `project` reads it. */
interface Shown {
  readonly globals: Readonly<Record<string, number | NumberArray>>;
  readonly seats: Readonly<Record<string, NumberArray>>;
  readonly lists: Readonly<Record<string, NumberArray>>;
  readonly pools: Readonly<Record<string, Pool & Readonly<Record<string, NumberArray>>>>;
  readonly teams: readonly number[];
  readonly map: string;
  readonly tickRate: number;
}
type Row = Record<string, number>;

/** Returns the members of a game for what clients see of a world of `declaration`, except for its fields named in `hidden`. */
export function stateOfWorld(
  name: string,
  { globals = {}, seats = {}, lists = {}, pools = {} }: WorldDeclaration,
  hidden: readonly string[],
): Pick<Game, "State" | "PlayerState" | "players" | "project"> {
  const shown = <F>(part: Readonly<Record<string, F>>): [string, F][] =>
    Object.entries(part).filter(([field]) => !hidden.includes(field));
  const singles = shown(globals).flatMap(([field, type]) => (isNumberType(type) ? [field] : []));
  const rows = [...shown(globals), ...shown(lists)].filter(([, type]) => !isNumberType(type)).map(([field]) => field);
  const ofSeats = shown(seats).map(([field]) => field);
  const ofPools = shown(pools).map(([pool, { fields }]) => {
    const Entry = schema(
      Object.fromEntries(Object.entries(fields).map(([field, type]) => [field, numberField(type)])),
      `${name} ${pool}`,
    );
    return { pool, Entry: Entry as unknown as new () => Schema & Row, fields: Object.keys(fields) };
  });
  const fields = [...shown<NumberType | ListField>(globals), ...shown(lists)].map(([field, type]) => [
    field,
    fieldOf(type),
  ]);
  const maps = ofPools.map(({ pool, Entry }) => [pool, t.map(Entry)]);
  const classes = stateClasses(
    name,
    Object.fromEntries([...fields, ...maps]),
    Object.fromEntries(shown(seats).map(([field, type]) => [field, numberField(type)])),
  );
  const project = (world: Shown, state: any, playersBySeat: readonly any[]): void => {
    state.tick = world.globals.tick;
    state.phase = PHASE_NAMES[world.globals.phase as number];
    state.endsAtTick = world.globals.phaseEnd;
    state.map = world.map;
    state.tickRate = world.tickRate;
    for (const field of singles) state[field] = world.globals[field];
    for (const field of rows) showRow(state[field], (world.globals[field] ?? world.lists[field]) as NumberArray);
    for (const { pool, Entry, fields } of ofPools) showPool(state[pool], world.pools[pool], Entry, fields);
    for (let seat = 0; seat < world.teams.length; seat++) {
      const player = playersBySeat[seat];
      if (player === null || player === undefined) continue;
      player.seat = seat;
      player.team = world.teams[seat];
      player.role = world.seats.role[seat];
      for (const field of ofSeats) player[field] = world.seats[field][seat];
    }
  };
  return { ...classes, project } as unknown as Pick<Game, "State" | "PlayerState" | "players" | "project">;
}

/** What was last written into a synced list, because reading one goes through a proxy. */
const written = new WeakMap<object, number[]>();

function showRow(list: number[], row: NumberArray): void {
  let before = written.get(list);
  if (before === undefined) {
    before = [...list];
    written.set(list, before);
  }
  for (let at = 0; at < row.length; at++) {
    if (before[at] === row[at]) continue;
    if (at >= before.length) list.push(row[at]);
    else list[at] = row[at];
    before[at] = row[at];
  }
}

/** Entries are found by their serial number, which belongs to one entry for the whole match. */
function showPool(
  map: Map<string, Schema & Row>,
  pool: Pool & Readonly<Record<string, NumberArray>>,
  Entry: new () => Schema & Row,
  fields: readonly string[],
): void {
  const living = new Set<string>();
  for (let at = 0; at < pool.capacity; at++) {
    if (!pool.lives(at)) continue;
    const key = String(pool.serial[at]);
    living.add(key);
    let entry = map.get(key);
    if (entry === undefined) {
      entry = new Entry();
      map.set(key, entry);
    }
    for (const field of fields) (entry as Row)[field] = pool[field][at];
  }
  for (const key of [...map.keys()]) if (!living.has(key)) map.delete(key);
}
