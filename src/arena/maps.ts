/**
 * The maps: walls and spawn points as plain data, in metres from the centre. Layouts are symmetric: each wall and spawn point is
 * listed once and rotated about the centre. `MapGeometry.ts` converts them to subunits.
 */

/** x0, y0, x1, y1 in metres from the centre; multiples of a quarter metre. */
export type Block = readonly [number, number, number, number];
export type Point = readonly [number, number];

export interface Layout {
  /** Half of the map's width and height in metres. Walls surround it. */
  readonly half: Point;
  /** Number of rotations about the centre: 2 for half turns, 4 for quarter turns. */
  readonly turns: 2 | 4;
  readonly blocks: readonly Block[];
  /**
   * Spawn points of the first team. Rotated, they are the spawn points of the other teams. The seats of a team use them in order.
   */
  readonly starts: readonly Point[];
  /** Whether players respawn at any spawn point, or only at the spawn points of their team. */
  readonly respawn: "anywhere" | "own";
}

const cloister: Readonly<Record<string, Layout>> = {
  duel: {
    half: [15, 11],
    turns: 2,
    blocks: [
      [-1.5, -2, 1.5, 2],
      [-8, -6.5, -6.5, -2],
      [-5, 4.5, -1.5, 5.75],
      [-10.5, 5, -9.25, 8],
      [1, -9, 4.5, -7.75],
    ],
    starts: [
      [-12.5, 0],
      [-12, 9],
      [-12, -9],
    ],
    respawn: "anywhere",
  },
  squad: {
    half: [28, 20],
    turns: 2,
    blocks: [
      [-2, -2, 2, 2],
      [-21, -7, -19.5, -1],
      [-21, 3, -19.5, 9],
      [-15, -14, -9, -12.5],
      [-14, -5.5, -12.5, 1.5],
      [-13, 7, -7, 8.5],
      [-7.5, -8.5, -6, -3.5],
      [-4, 12, -2.5, 20],
      [-2, -9.5, 5, -8],
      [-23, 13, -17, 14.5],
      [-7, 1.5, -5.5, 4],
    ],
    starts: [
      [-25.5, -2],
      [-25.5, 2],
      [-25.5, -6],
      [-25.5, 6],
      [-25.5, -13],
      [-25.5, 17],
    ],
    respawn: "own",
  },
  ffa: {
    half: [32, 32],
    turns: 4,
    blocks: [
      [-2.5, -2.5, 2.5, 2.5],
      [-13, -7, -11.5, 1],
      [-8, -13, -3, -11.5],
      [-24, -24, -18, -22.5],
      [-24, -22.5, -22.5, -18],
      [-25, -8, -23.5, 2],
      [-18, -14, -16.5, -9],
      [-16, 10, -10, 11.5],
      [-7, -27, -5.5, -19],
      [-19, 16, -17.5, 22],
    ],
    starts: [
      [-29, -29],
      [-29, -12],
      [-19, -4],
      [-8, -16],
    ],
    respawn: "anywhere",
  },
};

/** Layouts by map and mode. */
export const maps: Readonly<Record<string, Readonly<Record<string, Layout>>>> = { cloister };
