/**
 * Owns the inputs of one step: one row per seat, and who holds each seat.
 * Pure and engine-independent; it never knows where a frame came from (a person, a bot, a recording).
 */

/** Who holds a seat. A level, not an edge: the world compares it with what it knew. */
export const NOBODY = 0;
export const PERSON = 1;
export const BOT = 2;
export type Holder = typeof NOBODY | typeof PERSON | typeof BOT;

/** One numeric field of a game's input frame, with the range that a value is clamped to (both ends included). */
export interface InputField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

/**
 * The applied frames of one tick, struct-of-arrays, reused from tick to tick.
 *
 * `values` holds `seats × width` integers: for each seat the game's input fields in their declared order,
 * then `rewindTicks` (age, in ticks, of what the player saw; 0 for bots and without a stamp).
 */
export class Frames {
  readonly seats: number;
  readonly width: number;
  readonly values: Int32Array;
  readonly holder: Uint8Array;
  /** The role wished for by the holder of each seat; a game may keep the body's own (see its rules). */
  readonly role: Uint8Array;

  constructor(seats: number, inputFields: number) {
    this.seats = seats;
    this.width = inputFields + 1;
    this.values = new Int32Array(seats * this.width);
    this.holder = new Uint8Array(seats);
    this.role = new Uint8Array(seats);
  }

  /** Sets the seat's row to zeros: it stands still and presses nothing. */
  idle(seat: number): void {
    this.values.fill(0, seat * this.width, (seat + 1) * this.width);
  }
}
