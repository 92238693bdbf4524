/**
 * Sine, arc tangent and square root on integers, because `Math.sin` and others differ between engines. Angles are in
 * steps of 65,536 per turn, 0 along +x, growing towards +y; sines are in units of 1/16,384.
 *
 * Sine and arc tangent use CORDIC (J. E. Volder, "The CORDIC Trigonometric Computing Technique", 1959).
 */

/** The integer that represents a sine of 1. */
export const ONE = 16_384;

/** atan(2^−i) in 2^32nds of a turn. */
const ARC_TANGENTS = [
  536870912, 316933406, 167458907, 85004756, 42667331, 21354465, 10679838, 5340245, 2670163, 1335087, 667544, 333772,
  166886, 83443, 41722, 20861, 10430, 5215, 2608, 1304, 652, 326, 163, 81,
];

/** Product of cos(atan(2^−i)) over the table, times 2^30: the inverse of the CORDIC gain. */
const CORDIC_GAIN = 652032874;

const QUARTER = 16_384;

/** Sines of the first quarter turn, including both ends. */
const quarterSines = new Int16Array(QUARTER + 1);

for (let angle = 0; angle <= QUARTER; angle++) {
  let x = CORDIC_GAIN;
  let y = 0;
  let left = angle * 65_536;
  for (let i = 0; i < ARC_TANGENTS.length; i++) {
    const turn = left >= 0 ? 1 : -1;
    const rotated = x - turn * (y >> i);
    y += turn * (x >> i);
    x = rotated;
    left -= turn * ARC_TANGENTS[i];
  }
  quarterSines[angle] = Math.min(ONE, (y + (1 << 15)) >> 16);
}
quarterSines[0] = 0;
quarterSines[QUARTER] = ONE;

/** Sine of an angle, in units of 1/16,384. */
export function sine(aim: number): number {
  const angle = aim & 16_383;
  switch ((aim >> 14) & 3) {
    case 0:
      return quarterSines[angle];
    case 1:
      return quarterSines[QUARTER - angle];
    case 2:
      return -quarterSines[angle];
    default:
      return -quarterSines[QUARTER - angle];
  }
}

/** Cosine of an angle, in units of 1/16,384. */
export function cosine(aim: number): number {
  return sine(aim + QUARTER);
}

/**
 * Returns the aim in the direction (dx, dy), each at most 131,072 in absolute value; 0 for (0, 0). Exact to within one step from a
 * length of 65 units, and to within 8 steps for shorter vectors.
 */
export function aimAlong(dx: number, dy: number): number {
  if (dx === 0 && dy === 0) return 0;
  let aim = 0;
  if (dx < 0) {
    aim = 0x8000_0000;
    dx = -dx;
    dy = -dy;
  }
  let x = dx << 11;
  let y = dy << 11;
  for (let i = 0; i < ARC_TANGENTS.length; i++) {
    const turn = y >= 0 ? 1 : -1;
    const rotated = x + turn * (y >> i);
    y -= turn * (x >> i);
    x = rotated;
    aim += turn * ARC_TANGENTS[i];
  }
  return Math.floor((aim + 32_768) / 65_536) & 65_535;
}

/** Integer square root, rounded down; `n` from 0 to 2^36. */
export function squareRoot(n: number): number {
  if (n < 2) return n;
  let root = n < 0x8000_0000 ? 1 << ((33 - Math.clz32(n)) >> 1) : 1 << 18;
  let next = Math.trunc((root + Math.trunc(n / root)) / 2);
  while (next < root) {
    root = next;
    next = Math.trunc((root + Math.trunc(n / root)) / 2);
  }
  return root;
}
