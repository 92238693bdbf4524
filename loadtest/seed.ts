/** Owns the load test's own randomness: everything of it follows from one number. */
import { createHash } from "node:crypto";

/** 32 hex digits, as a match's seed is written. */
export const seedText = (seed: number): string => seed.toString(16).padStart(32, "0");

/** 0 up to 1. For what happens a few times a match: pauses, not frames. */
export function seededRandom(seed: number): () => number {
  let count = 0;
  return () => createHash("sha256").update(`${seed}:${count++}`).digest().readUInt32LE() / 2 ** 32;
}
