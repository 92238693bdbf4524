/**
 * The input of one step: one row per seat, who holds each seat, and the commands of players. Pure and engine-independent. A frame
 * may come from a player, a bot or a recording; the simulation cannot tell them apart.
 */
import type { ClientFields, CommandOf, GameCommands, ValuesOf } from "./commands.ts";

/**
 * Values of `Frames.holder`: who holds a seat now. A world detects a change by comparing the value with that of the previous
 * step.
 */
export const NOBODY = 0;
export const PERSON = 1;
export const BOT = 2;
export type Holder = typeof NOBODY | typeof PERSON | typeof BOT;

const NONE: readonly never[] = Object.freeze([]);
const NO_OPTIONS = Object.freeze({});

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
 *
 * `C` and `O` are the game's `commands` and `joinOptions`.
 */
export class Frames<C extends GameCommands = any, O extends ClientFields = any> {
  readonly seats: number;
  readonly width: number;
  readonly values: Int32Array;
  readonly holder: Uint8Array;
  /** The role requested by the holder of each seat. The rules of a game decide whether it is applied. */
  readonly role: Uint8Array;
  /**
   * The commands that this step applies: by seat, those of one seat in the order in which they arrived. Each is for one step only.
   * Empty in most ticks.
   */
  commands: readonly CommandOf<C>[] = NONE;
  /** The join options of the holder of each seat. A bot has the defaults, as has an empty seat. */
  readonly options: ValuesOf<O>[];

  /** `defaults`: the join options of a holder who chose none. */
  constructor(seats: number, inputFields: number, defaults: ValuesOf<O> = NO_OPTIONS as ValuesOf<O>) {
    this.seats = seats;
    this.width = inputFields + 1;
    this.values = new Int32Array(seats * this.width);
    this.holder = new Uint8Array(seats);
    this.role = new Uint8Array(seats);
    this.options = Array.from({ length: seats }, () => defaults);
  }

  /** Makes the frame of `seat` an idle one: all zeros, so no movement and no buttons. */
  idle(seat: number): void {
    this.values.fill(0, seat * this.width, (seat + 1) * this.width);
  }
}

/** The longest rewind, in ms. It does not grow with a longer measured delay. */
export const REWIND_MAX_MS = 250;
