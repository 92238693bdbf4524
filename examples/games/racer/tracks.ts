/** The tracks: walls, and the checkpoints of a lap in their order. The last checkpoint is the finishing line. */

export interface Track {
  /** Rows of x0, y0, x1, y1. */
  readonly walls: Int32Array;
  /** Rectangles as wide as the road. A car passes one when its centre is inside. */
  readonly checkpoints: readonly Checkpoint[];
}
export type Checkpoint = readonly [x0: number, y0: number, x1: number, y1: number];

const WIDTH = 20_000;
const HEIGHT = 12_000;
/** Thicker than any step of a car. */
const BORDER = 2000;

const border = [
  ...[-BORDER, -BORDER, WIDTH + BORDER, 0],
  ...[-BORDER, HEIGHT, WIDTH + BORDER, HEIGHT + BORDER],
  ...[-BORDER, 0, 0, HEIGHT],
  ...[WIDTH, 0, WIDTH + BORDER, HEIGHT],
];

const track = (walls: readonly number[], checkpoints: readonly Checkpoint[]): Track => ({
  walls: Int32Array.from([...border, ...walls]),
  checkpoints,
});

export const tracks: Readonly<Record<string, Track>> = {
  /** Once around a block. */
  oval: track(
    [4000, 4000, 16_000, 8000],
    [
      [16_000, 0, 20_000, 4000],
      [16_000, 8000, 20_000, 12_000],
      [0, 8000, 4000, 12_000],
      [0, 0, 4000, 4000],
      [9000, 0, 11_000, 4000],
    ],
  ),
  /** The way back leads into a bay, in which left and right turns follow each other. */
  bay: track(
    [
      ...[3000, 3000, 17_000, 4500],
      ...[14_500, 4500, 17_000, 9000],
      ...[3000, 4500, 5500, 9000],
      ...[8500, 7500, 11_500, 12_000],
    ],
    [
      [17_000, 0, 20_000, 3000],
      [17_000, 9000, 20_000, 12_000],
      [11_500, 9000, 14_500, 12_000],
      [11_500, 4500, 14_500, 7500],
      [5500, 4500, 8500, 7500],
      [5500, 9000, 8500, 12_000],
      [0, 9000, 3000, 12_000],
      [0, 0, 3000, 3000],
      [9000, 0, 11_000, 3000],
    ],
  ),
};

/** The checkpoint that a car has to pass after `passed` others. */
export function nextCheckpoint({ checkpoints }: Track, passed: number): Checkpoint {
  return checkpoints[passed % checkpoints.length];
}

export function centreOf([x0, y0, x1, y1]: Checkpoint): readonly [x: number, y: number] {
  return [(x0 + x1) >> 1, (y0 + y1) >> 1];
}

/** Where the car in `seat` starts: two in a row, in front of the finishing line, heading along +x. */
export function startOf({ checkpoints }: Track, seat: number): readonly [x: number, y: number] {
  const [x0, y] = checkpoints[checkpoints.length - 1];
  return [x0 - 500 * ((seat >> 1) + 1), y + 1000 * ((seat & 1) + 1)];
}
