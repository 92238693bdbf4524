/**
 * Owns the ways around the walls of a court, for bots: points at the walls' corners, and from each the next on the shortest
 * way to every other. Built once per court, with the first thought of the first bot there; never part of a world.
 */
import { type Court, WAY, wallOn } from "./Court.ts";
import { squareRoot } from "./trig.ts";

export interface Waypoints {
  readonly count: number;
  readonly x: Int32Array;
  readonly y: Int32Array;
  /** `next[from × count + to]`: the point to go to first. */
  readonly next: Uint8Array;
  /** The nearest reachable point from each cell of `CELL` subunits, row by row over the court. */
  readonly nearest: Uint8Array;
  readonly columns: number;
}

/** How far beside a wall's corner a point lies, over the body's radius. */
const MARGIN = 96;
const CELL = 512;
const FAR = 0x3fff_ffff;

const waypoints = new WeakMap<Court, Waypoints>();

export function waypointsOf(court: Court): Waypoints {
  let points = waypoints.get(court);
  if (points === undefined) {
    points = build(court);
    waypoints.set(court, points);
  }
  return points;
}

/** Whether a body can walk the straight way. */
export function walkable(court: Court, ax: number, ay: number, bx: number, by: number): boolean {
  return wallOn(court, ax, ay, bx, by, court.bodyRadius) > WAY;
}

/** The point from which a body at (x, y) finds its way: its cell's, or where a wall cuts the cell, one that it can reach. */
export function nearestPoint(court: Court, points: Waypoints, x: number, y: number): number {
  const column = Math.trunc((x - court.x0) / CELL);
  const row = Math.trunc((y - court.y0) / CELL);
  const point = points.nearest[row * points.columns + column];
  return walkable(court, x, y, points.x[point], points.y[point]) ? point : nearestTo(court, points.x, points.y, x, y);
}

function build(court: Court): Waypoints {
  const { x, y } = corners(court);
  const count = x.length;
  const length = new Int32Array(count * count).fill(FAR);
  const next = new Uint8Array(count * count);
  for (let from = 0; from < count; from++) {
    for (let to = 0; to < count; to++) {
      next[from * count + to] = to;
      if (from === to) length[from * count + to] = 0;
      else if (walkable(court, x[from], y[from], x[to], y[to]))
        length[from * count + to] = distance(x[to] - x[from], y[to] - y[from]);
    }
  }
  shorten(count, length, next);
  const columns = Math.trunc((court.x1 - court.x0) / CELL) + 1;
  const rows = Math.trunc((court.y1 - court.y0) / CELL) + 1;
  const nearest = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const cellX = court.x0 + column * CELL + CELL / 2;
      const cellY = court.y0 + row * CELL + CELL / 2;
      nearest[row * columns + column] = nearestTo(court, x, y, cellX, cellY);
    }
  }
  return { count, x, y, next, nearest, columns };
}

/** Shortest ways between all pairs (R. Floyd, "Algorithm 97: Shortest Path", 1962). */
function shorten(count: number, length: Int32Array, next: Uint8Array): void {
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

/** Points just off every corner of every wall, where a body has room. */
function corners(court: Court): { x: Int32Array; y: Int32Array } {
  const { walls } = court;
  const off = court.bodyRadius + MARGIN;
  const xs: number[] = [];
  const ys: number[] = [];
  for (let i = 0; i < walls.length; i += 4) {
    for (let corner = 0; corner < 4; corner++) {
      const px = corner & 1 ? walls[i + 2] + off : walls[i] - off;
      const py = corner & 2 ? walls[i + 3] + off : walls[i + 1] - off;
      if (!isFree(court, px, py)) continue;
      xs.push(px);
      ys.push(py);
    }
  }
  return { x: Int32Array.from(xs), y: Int32Array.from(ys) };
}

function isFree(court: Court, x: number, y: number): boolean {
  const r = court.bodyRadius;
  const { walls } = court;
  if (x - r < court.x0 || y - r < court.y0 || x + r > court.x1 || y + r > court.y1) return false;
  for (let i = 0; i < walls.length; i += 4) {
    if (x + r > walls[i] && x - r < walls[i + 2] && y + r > walls[i + 1] && y - r < walls[i + 3]) return false;
  }
  return true;
}

function nearestTo(court: Court, xs: Int32Array, ys: Int32Array, x: number, y: number): number {
  let best = 0;
  let bestLength = FAR;
  for (let point = 0; point < xs.length; point++) {
    const dx = xs[point] - x;
    const dy = ys[point] - y;
    // Roots and walls cost most: they are asked about those alone that are near enough.
    if (dx * dx + dy * dy >= bestLength * bestLength) continue;
    let length = distance(dx, dy);
    // Points that can be walked to come before all that cannot.
    if (!walkable(court, x, y, xs[point], ys[point])) length += FAR >> 1;
    if (length < bestLength) {
      best = point;
      bestLength = length;
    }
  }
  return best;
}

const distance = (dx: number, dy: number): number => squareRoot(dx * dx + dy * dy);
