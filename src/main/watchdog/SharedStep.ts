/**
 * What the game's thread writes into shared memory in each step, and the watchdog's thread reads. The watchdog reads frames only while the
 * game's thread stands in a step, so a row is never half written, except for the tick at fault.
 */
import type { FaultFrames } from "../../game/FaultCase.ts";
import type { Frames } from "../../game/Frames.ts";

const [ENTRIES, SLOT, TICK] = [0, 1, 2];

/** The code of a game that runs now. */
export interface RunningStep {
  /** Differs for each call of `enter`, until 2³² of them. */
  readonly entry: number;
  /** The match. */
  readonly slot: number;
  readonly tick: number;
}

/** One for the process: which match's code runs now. */
export class StepBeat {
  readonly shared: Int32Array;

  constructor(shared: Int32Array = new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT))) {
    this.shared = shared;
  }

  /** `slot` must not be 0. */
  enter(slot: number, tick: number): void {
    this.shared[TICK] = tick;
    this.shared[ENTRIES]++;
    Atomics.store(this.shared, SLOT, slot);
  }

  leave(): void {
    Atomics.store(this.shared, SLOT, 0);
  }

  /** Null while no game's code runs. */
  read(): RunningStep | null {
    const slot = Atomics.load(this.shared, SLOT);
    return slot === 0 ? null : { entry: this.shared[ENTRIES], slot, tick: this.shared[TICK] };
  }
}

const [SAVED_TICK, ROWS] = [0, 1];
const HEADER = 2;

/** One for each match: the frames of the ticks since its world was saved. */
export class FrameRows {
  readonly shared: Int32Array;
  readonly seats: number;
  readonly width: number;
  readonly #row: number;

  /** @param width Of a frame, as in `Frames`. */
  constructor(seats: number, width: number, shared: Int32Array) {
    [this.seats, this.width, this.shared] = [seats, width, shared];
    this.#row = seats * (width + 2);
  }

  /** Rows for `ticks`, none of them used. */
  static create(seats: number, width: number, ticks: number): FrameRows {
    const ints = HEADER + ticks * seats * (width + 2);
    return new FrameRows(seats, width, new Int32Array(new SharedArrayBuffer(ints * Int32Array.BYTES_PER_ELEMENT)));
  }

  get isFull(): boolean {
    return HEADER + (this.shared[ROWS] + 1) * this.#row > this.shared.length;
  }

  get savedTick(): number {
    return this.shared[SAVED_TICK];
  }

  /** Adds the frames of the next tick. There must be room for them. */
  add({ values, holder, role }: Frames): void {
    const at = HEADER + this.shared[ROWS] * this.#row;
    this.shared.set(values, at);
    this.shared.set(holder, at + values.length);
    this.shared.set(role, at + values.length + this.seats);
    Atomics.add(this.shared, ROWS, 1);
  }

  /** The world has been saved after this tick, so that earlier frames are not needed. */
  restart(savedTick: number): void {
    this.shared[SAVED_TICK] = savedTick;
    Atomics.store(this.shared, ROWS, 0);
  }

  read(): FaultFrames[] {
    const { shared, seats, width } = this;
    return Array.from({ length: Atomics.load(shared, ROWS) }, (_, index) => {
      const from = HEADER + index * this.#row;
      const part = (at: number, length: number) => [...shared.subarray(from + at, from + at + length)];
      return {
        tick: this.savedTick + index + 1,
        values: part(0, seats * width),
        holder: part(seats * width, seats),
        role: part(seats * (width + 1), seats),
      };
    });
  }
}
