/**
 * Path finding for bots: waypoints at the corners of the walls, and for each pair the next waypoint on the shortest path. They
 * are built once per map geometry, at the first decision of a bot, and are not part of the world.
 */
import { firstRectangleHit, SEGMENT_END } from "../game/kit/rectangles.ts";
import { squareRoot } from "../game/kit/trig.ts";
import type { MapGeometry } from "./MapGeometry.ts";

interface Waypoints {
  readonly count: number;
  readonly x: Int32Array;
  readonly y: Int32Array;
  /** `next[from × count + to]`: the waypoint that follows `from` on the shortest path to `to`. */
  readonly next: Uint8Array;
  /** The waypoint nearest to the centre of each cell of `CELL` subunits and reachable from there, row by row over the map. */
  readonly nearest: Uint8Array;
  readonly columns: number;
}

/** Distance of a waypoint from a wall's corner, in addition to the radius of a body. */
const MARGIN = 96;
const CELL = 512;
const FAR = 0x3fff_ffff;

const waypoints = new WeakMap<MapGeometry, Waypoints>();

export function waypointsOf(geometry: MapGeometry): Waypoints {
  let points = waypoints.get(geometry);
  if (points === undefined) {
    points = build(geometry);
    waypoints.set(geometry, points);
  }
  return points;
}

/** Whether a body can move from (ax, ay) to (bx, by) in a straight line. */
export function isWalkable(geometry: MapGeometry, ax: number, ay: number, bx: number, by: number): boolean {
  return firstRectangleHit(geometry.walls, ax, ay, bx, by, geometry.bodyRadius) > SEGMENT_END;
}

/**
 * Returns a waypoint near (x, y) that can be reached from there. Looks up the waypoint of the cell, and searches all waypoints
 * only if a wall is in between.
 */
export function nearestReachable(geometry: MapGeometry, points: Waypoints, x: number, y: number): number {
  const column = Math.trunc((x - geometry.x0) / CELL);
  const row = Math.trunc((y - geometry.y0) / CELL);
  const point = points.nearest[row * points.columns + column];
  return isWalkable(geometry, x, y, points.x[point], points.y[point])
    ? point
    : searchNearest(geometry, points.x, points.y, x, y);
}

function build(geometry: MapGeometry): Waypoints {
  const { x, y } = corners(geometry);
  const count = x.length;
  const length = new Int32Array(count * count).fill(FAR);
  const next = new Uint8Array(count * count);
  for (let from = 0; from < count; from++) {
    for (let to = 0; to < count; to++) {
      next[from * count + to] = to;
      if (from === to) length[from * count + to] = 0;
      else if (isWalkable(geometry, x[from], y[from], x[to], y[to]))
        length[from * count + to] = distance(x[to] - x[from], y[to] - y[from]);
    }
  }
  findShortestPaths(count, length, next);
  const columns = Math.trunc((geometry.x1 - geometry.x0) / CELL) + 1;
  const rows = Math.trunc((geometry.y1 - geometry.y0) / CELL) + 1;
  const nearest = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const cellX = geometry.x0 + column * CELL + CELL / 2;
      const cellY = geometry.y0 + row * CELL + CELL / 2;
      nearest[row * columns + column] = searchNearest(geometry, x, y, cellX, cellY);
    }
  }
  return { count, x, y, next, nearest, columns };
}

/** Finds the shortest paths between all pairs (R. Floyd, "Algorithm 97: Shortest Path", 1962). */
function findShortestPaths(count: number, length: Int32Array, next: Uint8Array): void {
  for (let via = 0; via < count; via++) {
    for (let from = 0; from < count; from++) {
      const first = length[from * count + via];
      if (first === FAR) continue;
      for (let to = 0; to < count; to++) {
        const around = first + length[via * count + to];
        if (around >= length[from * count + to]) continue;
        length[from * count + to] = around;
        next[from * count + to] = next[from * count + via];
      }
    }
  }
}

/** Returns a point next to each corner of each wall, if there is room for a body. */
function corners(geometry: MapGeometry): { x: Int32Array; y: Int32Array } {
  const { walls } = geometry;
  const offset = geometry.bodyRadius + MARGIN;
  const xs: number[] = [];
  const ys: number[] = [];
  for (let i = 0; i < walls.length; i += 4) {
    for (let corner = 0; corner < 4; corner++) {
      const px = corner & 1 ? walls[i + 2] + offset : walls[i] - offset;
      const py = corner & 2 ? walls[i + 3] + offset : walls[i + 1] - offset;
      if (!isFree(geometry, px, py)) continue;
      xs.push(px);
      ys.push(py);
    }
  }
  return { x: Int32Array.from(xs), y: Int32Array.from(ys) };
}

function isFree(geometry: MapGeometry, x: number, y: number): boolean {
  const r = geometry.bodyRadius;
  const { walls } = geometry;
  if (x - r < geometry.x0 || y - r < geometry.y0 || x + r > geometry.x1 || y + r > geometry.y1) return false;
  for (let i = 0; i < walls.length; i += 4) {
    if (x + r > walls[i] && x - r < walls[i + 2] && y + r > walls[i + 1] && y - r < walls[i + 3]) return false;
  }
  return true;
}

/** Compares all waypoints. Reachable waypoints take precedence over nearer ones behind walls. */
function searchNearest(geometry: MapGeometry, xs: Int32Array, ys: Int32Array, x: number, y: number): number {
  let best = 0;
  let bestLength = FAR;
  for (let point = 0; point < xs.length; point++) {
    const dx = xs[point] - x;
    const dy = ys[point] - y;
    // Square roots and ray casts cost most, so they are computed only for waypoints that are near enough.
    if (dx * dx + dy * dy >= bestLength * bestLength) continue;
    let length = distance(dx, dy);
    if (!isWalkable(geometry, x, y, xs[point], ys[point])) length += FAR >> 1;
    if (length < bestLength) {
      best = point;
      bestLength = length;
    }
  }
  return best;
}

const distance = (dx: number, dy: number): number => squareRoot(dx * dx + dy * dy);
