/**
 * Kinds of facts and their sizes in words, in the order in which `events.ts` declares the events. This file must not import
 * `events.ts` or zod, so that the simulation runs in any JavaScript engine. A test compares the two files.
 */
export const ATTACK = 0;
export const HEAL = 1;
export const DEATH = 2;
export const MOVE = 3;
export const RESPAWNED = 4;

export const ATTACK_WORDS = 8;
export const HEAL_WORDS = 4;
export const MOVE_WORDS = 4;
export const RESPAWNED_WORDS = 3;

/** Number of words of a set of seats: one bit per seat. */
export const seatSetWords = (seats: number): number => (seats + 31) >> 5;

export const deathWords = (seats: number): number => 5 + seatSetWords(seats);
