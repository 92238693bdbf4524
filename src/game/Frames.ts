/**
 * The input of one step: one row per seat, and who holds each seat. Pure and engine-independent. A frame may come from a player,
 * a bot or a recording; the simulation cannot tell them apart.
 */

/**
 * Values of `Frames.holder`: who holds a seat now. A world detects a change by comparing the value with that of the previous
 * step.
 */
export const NOBODY = 0;
export const PERSON = 1;
export const BOT = 2;
export type Holder = typeof NOBODY | typeof PERSON | typeof BOT;

/** One numeric field of a game's input frame. Values are clamped to `min`…`max`, both inclusive. */
export interface InputField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** For a field that was added later: its value in recorded frames that do not have it. */
  readonly default?: number;
}

/**
 * The applied frames of one tick, as a struct of arrays that is reused in every tick.
 *
 * `values` holds `seats × width` integers: for each seat the game's input fields in their declared order,
 * then `rewindTicks` (age in ticks of the state that the player saw; 0 for bots and for frames without a time stamp).
 */
export class Frames {
  readonly seats: number;
  readonly width: number;
  readonly values: Int32Array;
  readonly holder: Uint8Array;
  /** The role requested by the holder of each seat. The rules of a game decide whether it is applied. */
  readonly role: Uint8Array;

  constructor(seats: number, inputFields: number) {
    this.seats = seats;
    this.width = inputFields + 1;
    this.values = new Int32Array(seats * this.width);
    this.holder = new Uint8Array(seats);
    this.role = new Uint8Array(seats);
  }

  /** Makes the frame of `seat` an idle one: all zeros, so no movement and no buttons. */
  idle(seat: number): void {
    this.values.fill(0, seat * this.width, (seat + 1) * this.width);
  }
}

/** The longest rewind, in ms. It does not grow with a longer measured delay. */
export const REWIND_MAX_MS = 250;
