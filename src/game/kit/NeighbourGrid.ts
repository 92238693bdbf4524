/**
 * Finds bodies near a point without comparing all. Filled again in each tick from the positions in the world; not part of the
 * state. Worth it from about a hundred bodies: below, a loop over all is as fast or faster.
 */
export class NeighbourGrid {
  readonly #cell: number;
  readonly #columns: number;
  readonly #rows: number;
  /** First body of each cell, and next body in the same cell; −1 for none. */
  readonly #first: Int32Array;
  readonly #next: Int32Array;
  readonly #x: Int32Array;
  readonly #y: Int32Array;

  /**
   * For at most `capacity` bodies. Bodies outside of 0 to `width` − 1 and 0 to `height` − 1 are found too, but slower. Best with
   * a `cell` of about the usual radius of a search.
   */
  constructor(width: number, height: number, cell: number, capacity: number) {
    this.#cell = cell;
    this.#columns = Math.trunc((width - 1) / cell) + 1;
    this.#rows = Math.trunc((height - 1) / cell) + 1;
    this.#first = new Int32Array(this.#columns * this.#rows).fill(-1);
    this.#next = new Int32Array(capacity);
    this.#x = new Int32Array(capacity);
    this.#y = new Int32Array(capacity);
  }

  /** Removes all bodies. */
  clear(): void {
    this.#first.fill(-1);
  }

  /** Adds a body under a number from 0 to `capacity` − 1, which must not be in the grid yet. */
  add(body: number, x: number, y: number): void {
    const cell = this.#row(y) * this.#columns + this.#column(x);
    this.#x[body] = x;
    this.#y[body] = y;
    this.#next[body] = this.#first[cell];
    this.#first[cell] = body;
  }

  /**
   * Writes the bodies within `radius` of (x, y) into `found`, in ascending order, and returns their number. `found` must have
   * room for all bodies.
   */
  within(x: number, y: number, radius: number, found: Int32Array): number {
    const left = this.#column(x - radius);
    const right = this.#column(x + radius);
    const bottom = this.#row(y + radius);
    let count = 0;
    for (let row = this.#row(y - radius); row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        for (let body = this.#first[row * this.#columns + column]; body >= 0; body = this.#next[body]) {
          const dx = this.#x[body] - x;
          const dy = this.#y[body] - y;
          if (dx * dx + dy * dy <= radius * radius) found[count++] = body;
        }
      }
    }
    found.subarray(0, count).sort();
    return count;
  }

  #column(x: number): number {
    return Math.max(0, Math.min(this.#columns - 1, Math.trunc(x / this.#cell)));
  }

  #row(y: number): number {
    return Math.max(0, Math.min(this.#rows - 1, Math.trunc(y / this.#cell)));
  }
}
