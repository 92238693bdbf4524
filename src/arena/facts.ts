/**
 * Owns the numbers by which the simulation names its facts: kinds, and the words of each, in the order that `events.ts`
 * declares. Never imports that file or zod, so that the rules run in any engine; a test holds the two together.
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

/** Words of a set of seats: one bit a seat. */
export const seatSetWords = (seats: number): number => (seats + 31) >> 5;

export const deathWords = (seats: number): number => 5 + seatSetWords(seats);
