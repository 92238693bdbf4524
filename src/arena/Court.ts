/**
 * Owns the geometry of one map in one mode: its walls as integer rectangles in subunits, and the question what a
 * straight way meets first. Immutable once made; knows nothing of players.
 */
import { type Layout, maps } from "./maps.ts";
import { ARENA_SIZE, METRE } from "./rules.ts";

/** The fraction of a way that `wallOn` counts in; a result above it means that nothing is in the way. */
export const WAY = 65_536;

export interface Court {
  /** x0, y0, x1, y1 of each wall, in subunits. */
  readonly walls: Int32Array;
  /** x, y of each place to start at; places of one team follow each other. */
  readonly places: Int32Array;
  readonly placesPerTeam: number;
  readonly respawn: Layout["respawn"];
  readonly bodyRadius: number;
  /** Bounds of the free area. */
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Thickness of the walls that close a court. */
const RIM = METRE;
const CENTRE = ARENA_SIZE / 2;

/** Courts are immutable, so worlds share them. */
const courts = new Map<string, Court>();

/** The court of a map in a mode. Throws when the map has none. */
export function courtOf(map: string, mode: string, bodyRadius: number): Court {
  const key = `${map} ${mode} ${bodyRadius}`;
  let court = courts.get(key);
  if (court === undefined) {
    const layout = Object.hasOwn(maps, map) && Object.hasOwn(maps[map], mode) ? maps[map][mode] : undefined;
    if (layout === undefined)
      throw new Error(`no layout of map ${JSON.stringify(map)} for mode ${JSON.stringify(mode)}`);
    court = build(layout, bodyRadius);
    courts.set(key, court);
  }
  return court;
}

function build(layout: Layout, bodyRadius: number): Court {
  const [halfX, halfY] = layout.half;
  const x0 = CENTRE - halfX * METRE;
  const y0 = CENTRE - halfY * METRE;
  const x1 = CENTRE + halfX * METRE;
  const y1 = CENTRE + halfY * METRE;
  const walls = [
    [x0 - RIM, y0 - RIM, x1 + RIM, y0],
    [x0 - RIM, y1, x1 + RIM, y1 + RIM],
    [x0 - RIM, y0, x0, y1],
    [x1, y0, x1 + RIM, y1],
  ];
  const seen = new Set<string>();
  for (const [ax, ay, bx, by] of layout.blocks) {
    for (let turn = 0; turn < layout.turns; turn++) {
      const [px, py] = turned(ax, ay, turn, layout.turns);
      const [qx, qy] = turned(bx, by, turn, layout.turns);
      const wall = [Math.min(px, qx), Math.min(py, qy), Math.max(px, qx), Math.max(py, qy)];
      if (seen.has(wall.join())) continue;
      seen.add(wall.join());
      walls.push(wall.map((metres) => CENTRE + metres * METRE));
    }
  }
  const places: number[] = [];
  for (let turn = 0; turn < layout.turns; turn++) {
    for (const [x, y] of layout.starts) {
      const [px, py] = turned(x, y, turn, layout.turns);
      places.push(CENTRE + px * METRE, CENTRE + py * METRE);
    }
  }
  return {
    walls: Int32Array.from(walls.flat()),
    places: Int32Array.from(places),
    placesPerTeam: layout.starts.length,
    respawn: layout.respawn,
    bodyRadius,
    x0,
    y0,
    x1,
    y1,
  };
}

function turned(x: number, y: number, turn: number, turns: 2 | 4): [number, number] {
  const quarters = turns === 4 ? turn : turn * 2;
  if (quarters === 0) return [x, y];
  if (quarters === 1) return [-y, x];
  if (quarters === 2) return [-x, -y];
  return [y, -x];
}

/**
 * Where the straight way from (ax, ay) to (bx, by) enters the first wall grown by `grow` on all sides: 0 at its start to
 * `WAY` at its end; `WAY + 1` when it meets none. A way that only touches a wall does not meet it.
 */
export function wallOn(court: Court, ax: number, ay: number, bx: number, by: number, grow: number): number {
  const { walls } = court;
  const dx = bx - ax;
  const dy = by - ay;
  const left = Math.min(ax, bx) - grow;
  const right = Math.max(ax, bx) + grow;
  const top = Math.min(ay, by) - grow;
  const bottom = Math.max(ay, by) + grow;
  let first = WAY + 1;
  for (let i = 0; i < walls.length; i += 4) {
    if (walls[i] >= right || walls[i + 1] >= bottom || walls[i + 2] <= left || walls[i + 3] <= top) continue;
    let enter = 0;
    let leave = WAY;
    if (dx !== 0) {
      const t0 = Math.trunc(((walls[i] - grow - ax) * WAY) / dx);
      const t1 = Math.trunc(((walls[i + 2] + grow - ax) * WAY) / dx);
      enter = Math.max(enter, Math.min(t0, t1));
      leave = Math.min(leave, Math.max(t0, t1));
    }
    if (dy !== 0) {
      const t0 = Math.trunc(((walls[i + 1] - grow - ay) * WAY) / dy);
      const t1 = Math.trunc(((walls[i + 3] + grow - ay) * WAY) / dy);
      enter = Math.max(enter, Math.min(t0, t1));
      leave = Math.min(leave, Math.max(t0, t1));
    }
    if (enter < leave && enter < first) first = enter;
  }
  return first;
}

/** Whether nothing stands between two points. */
export function inSight(court: Court, ax: number, ay: number, bx: number, by: number): boolean {
  return wallOn(court, ax, ay, bx, by, 0) > WAY;
}
