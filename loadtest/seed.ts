/** The load test's random numbers. All of them depend only on one seed. */
import { createHash } from "node:crypto";

/** 32 hex digits, the format of a match's seed. */
export const seedText = (seed: number): string => seed.toString(16).padStart(32, "0");

/**
 * Returns a function for random numbers from 0 (inclusive) to 1 (exclusive). It is too slow to be called for each frame. Use it
 * for what happens a few times per match, such as pauses.
 */
export function seededRandom(seed: number): () => number {
  let count = 0;
  return () => createHash("sha256").update(`${seed}:${count++}`).digest().readUInt32LE() / 2 ** 32;
}
