/**
 * Casts rays against many walls: looks only at those in the cells that the segment crosses. Gives exactly the same as
 * `firstRectangleHit`, which is faster below about a hundred walls. Built once per map, immutable, not part of the state.
 */
import { firstRectangleHit, SEGMENT_END } from "./rectangles.ts";

export class WallGrid {
  readonly walls: Int32Array;
  readonly #cell: number;
  readonly #x0: number;
  readonly #y0: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #growMax: number;
  /** The walls in each cell, as in `walls`. */
  readonly #cells: readonly Int32Array[];

  /** `growMax` is the largest `grow` that `firstHit` is called with. `cell` is the side of a cell. */
  constructor(walls: Int32Array, cell: number, growMax: number) {
    const edges = (from: number): number[] => Array.from(walls).filter((_, i) => i % 4 === from);
    this.walls = walls;
    this.#cell = cell;
    this.#growMax = growMax;
    this.#x0 = Math.min(0, ...edges(0)) - growMax;
    this.#y0 = Math.min(0, ...edges(1)) - growMax;
    this.#columns = Math.trunc((Math.max(0, ...edges(2)) + growMax - this.#x0) / cell) + 1;
    this.#rows = Math.trunc((Math.max(0, ...edges(3)) + growMax - this.#y0) / cell) + 1;
    const cells = Array.from({ length: this.#columns * this.#rows }, (): number[] => []);
    for (let i = 0; i < walls.length; i += 4) {
      const right = this.#column(walls[i + 2] + growMax);
      const bottom = this.#row(walls[i + 3] + growMax);
      for (let row = this.#row(walls[i + 1] - growMax); row <= bottom; row++)
        for (let column = this.#column(walls[i] - growMax); column <= right; column++)
          cells[row * this.#columns + column].push(...walls.subarray(i, i + 4));
    }
    this.#cells = cells.map((inCell) => Int32Array.from(inCell));
  }

  /** Returns where the segment enters the first wall, grown by `grow`; see `firstRectangleHit`. */
  firstHit(ax: number, ay: number, bx: number, by: number, grow: number): number {
    if (grow > this.#growMax) return firstRectangleHit(this.walls, ax, ay, bx, by, grow);
    if (ay > by) return this.#cast(bx, by, ax, ay, ax, ay, bx, by, grow);
    return this.#cast(ax, ay, bx, by, ax, ay, bx, by, grow);
  }

  /** Whether no wall lies between two points. */
  hasSight(ax: number, ay: number, bx: number, by: number): boolean {
    return this.firstHit(ax, ay, bx, by, 0) > SEGMENT_END;
  }

  /** Visits the rows of cells from the upper end of the segment to the lower one, and in each row the columns it crosses. */
  #cast(
    upX: number,
    upY: number,
    downX: number,
    downY: number,
    ax: number,
    ay: number,
    bx: number,
    by: number,
    grow: number,
  ): number {
    let first = SEGMENT_END + 1;
    const lastRow = this.#row(downY);
    for (let row = this.#row(upY); row <= lastRow; row++) {
      const enterX = this.#xAt(upX, upY, downX, downY, this.#y0 + row * this.#cell - 1);
      const leaveX = this.#xAt(upX, upY, downX, downY, this.#y0 + (row + 1) * this.#cell + 1);
      const lastColumn = this.#column(Math.max(enterX, leaveX) + 1);
      for (let column = this.#column(Math.min(enterX, leaveX) - 1); column <= lastColumn; column++) {
        const walls = this.#cells[row * this.#columns + column];
        if (walls.length > 0) first = Math.min(first, firstRectangleHit(walls, ax, ay, bx, by, grow));
      }
    }
    return first;
  }

  /** The x of the segment at height `y`, rounded; that of the nearer end above or below the segment. */
  #xAt(upX: number, upY: number, downX: number, downY: number, y: number): number {
    if (y <= upY) return upX;
    if (y >= downY) return downX;
    return upX + Math.trunc(((downX - upX) * (y - upY)) / (downY - upY));
  }

  #column(x: number): number {
    return Math.max(0, Math.min(this.#columns - 1, Math.trunc((x - this.#x0) / this.#cell)));
  }

  #row(y: number): number {
    return Math.max(0, Math.min(this.#rows - 1, Math.trunc((y - this.#y0) / this.#cell)));
  }
}
