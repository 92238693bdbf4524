/**
 * The geometry of one map in one mode: walls and spawn points in subunits, and the line of sight. Immutable, and without
 * players.
 */
import { firstRectangleHit, SEGMENT_END } from "../game/kit/rectangles.ts";
import { type Layout, maps } from "./maps.ts";
import { ARENA_SIZE, METRE } from "./rules.ts";

export interface MapGeometry {
  /** x0, y0, x1, y1 of each wall, in subunits. */
  readonly walls: Int32Array;
  /** x, y of each spawn point. The spawn points of one team are consecutive. */
  readonly spawns: Int32Array;
  readonly spawnsPerTeam: number;
  readonly respawn: Layout["respawn"];
  readonly bodyRadius: number;
  /** Bounds of the free area. */
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Thickness of the outer walls. */
const RIM = METRE;
const CENTRE = ARENA_SIZE / 2;

/** Worlds share their geometry, because it is immutable. */
const geometryCache = new Map<string, MapGeometry>();

/** Returns the geometry of a map in a mode. Throws if the map has no layout for the mode. */
export function geometryOf(map: string, mode: string, bodyRadius: number): MapGeometry {
  const key = `${map} ${mode} ${bodyRadius}`;
  let geometry = geometryCache.get(key);
  if (geometry === undefined) {
    const layout = Object.hasOwn(maps, map) && Object.hasOwn(maps[map], mode) ? maps[map][mode] : undefined;
    if (layout === undefined)
      throw new Error(`no layout of map ${JSON.stringify(map)} for mode ${JSON.stringify(mode)}`);
    geometry = build(layout, bodyRadius);
    geometryCache.set(key, geometry);
  }
  return geometry;
}

function build(layout: Layout, bodyRadius: number): MapGeometry {
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
    for (let rotation = 0; rotation < layout.turns; rotation++) {
      const [px, py] = rotated(ax, ay, rotation, layout.turns);
      const [qx, qy] = rotated(bx, by, rotation, layout.turns);
      const wall = [Math.min(px, qx), Math.min(py, qy), Math.max(px, qx), Math.max(py, qy)];
      if (seen.has(wall.join())) continue;
      seen.add(wall.join());
      walls.push(wall.map((metres) => CENTRE + metres * METRE));
    }
  }
  const spawns: number[] = [];
  for (let rotation = 0; rotation < layout.turns; rotation++) {
    for (const [x, y] of layout.starts) {
      const [px, py] = rotated(x, y, rotation, layout.turns);
      spawns.push(CENTRE + px * METRE, CENTRE + py * METRE);
    }
  }
  return {
    walls: Int32Array.from(walls.flat()),
    spawns: Int32Array.from(spawns),
    spawnsPerTeam: layout.starts.length,
    respawn: layout.respawn,
    bodyRadius,
    x0,
    y0,
    x1,
    y1,
  };
}

/** Rotates a point about the centre, by `rotation` of `turns` equal parts of a turn. */
function rotated(x: number, y: number, rotation: number, turns: 2 | 4): [number, number] {
  const quarters = turns === 4 ? rotation : rotation * 2;
  if (quarters === 0) return [x, y];
  if (quarters === 1) return [-y, x];
  if (quarters === 2) return [-x, -y];
  return [y, -x];
}

/** Whether no wall lies between two points. */
export function hasLineOfSight(geometry: MapGeometry, ax: number, ay: number, bx: number, by: number): boolean {
  return firstRectangleHit(geometry.walls, ax, ay, bx, by, 0) > SEGMENT_END;
}
