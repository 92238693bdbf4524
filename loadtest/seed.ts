/** The load test's random numbers. All of them follow from one seed. */
import { createHash } from "node:crypto";

/** 32 hex digits, the format of a match's seed. */
export const seedText = (seed: number): string => seed.toString(16).padStart(32, "0");

/** From 0 to below 1. Too slow for frames; meant for what happens a few times per match, such as pauses. */
export function seededRandom(seed: number): () => number {
  let count = 0;
  return () => createHash("sha256").update(`${seed}:${count++}`).digest().readUInt32LE() / 2 ** 32;
}
