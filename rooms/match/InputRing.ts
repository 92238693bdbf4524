/**
 * The frames of one player that wait for their tick. They are integers in preallocated arrays, so a frame allocates nothing.
 * Values from the wire are clamped here and nowhere else.
 */
import type { Client } from "@colyseus/core";
import type { Game } from "../../src/game/Game.ts";
import { type InputBuffer, replaceInputBuffer } from "../../src/platform/adapters/colyseus/inputBuffer.ts";
import { InputReader } from "./InputReader.ts";

type Fields = Game["inputFields"];

export class InputRing implements InputBuffer<ArrayLike<number>> {
  /**
   * Of the frame that was taken last: the room time, in ms, that the player saw when making the frame; 0 if the client did not
   * send this time.
   */
  renderTime = 0;
  /** Number of the newest frame that was taken or dropped. The framework sends it with every patch as an acknowledgement. */
  ackSeq = 0;
  private readonly fields: Fields;
  private readonly capacity: number;
  private readonly values: Int32Array;
  private readonly renderTimes: Float64Array;
  private readonly seqs: Float64Array;
  private first = 0;
  private waiting = 0;
  private newestSeq = 0;

  constructor(fields: Fields, capacity: number) {
    this.fields = fields;
    this.capacity = capacity;
    this.values = new Int32Array(capacity * fields.length);
    this.renderTimes = new Float64Array(capacity);
    this.seqs = new Float64Array(capacity);
  }

  /** Replaces the framework's decoder and buffer, which clone every input. Call as soon as the client has connected. */
  static attach(client: Client, game: Game, capacity: number): InputRing {
    const ring = new InputRing(game.inputFields, capacity);
    replaceInputBuffer(client, new InputReader(game), ring);
    return ring;
  }

  get size(): number {
    return this.waiting;
  }

  /** Whether a numbered frame is newer than all earlier ones. The framework calls it for frames that may arrive twice. */
  accept(seq: number): boolean {
    return seq > this.newestSeq;
  }

  /**
   * Adds a frame with one unchecked value per field. Without `seq`, the frame gets the next number. A full ring drops its oldest
   * frame.
   */
  push(input: ArrayLike<number>, renderTime = 0, _reckonTime = 0, seq = this.newestSeq + 1): void {
    if (this.waiting === this.capacity) this.drop(1);
    const { fields, capacity } = this;
    const slot = (this.first + this.waiting++) % capacity;
    for (let i = 0; i < fields.length; i++) {
      const { min, max } = fields[i];
      this.values[slot * fields.length + i] = clamp(input[i], min, max);
    }
    this.renderTimes[slot] = renderTime;
    this.seqs[slot] = seq;
    this.newestSeq = seq;
  }

  /** Removes the oldest frame and writes its fields to `target`, starting at index `at`. Returns false if no frame waits. */
  take(target: Int32Array, at: number): boolean {
    if (this.waiting === 0) return false;
    const { fields, first } = this;
    for (let i = 0; i < fields.length; i++) target[at + i] = this.values[first * fields.length + i];
    this.renderTime = this.renderTimes[first];
    this.drop(1);
    return true;
  }

  /** Drops the `count` oldest frames. */
  drop(count: number): void {
    if (count <= 0) return;
    this.ackSeq = this.seqs[(this.first + count - 1) % this.capacity];
    this.first = (this.first + count) % this.capacity;
    this.waiting -= count;
  }

  /** Called by the framework when the client has disconnected. */
  clear(): void {
    this.drop(this.waiting);
  }
}

/** Treats NaN as 0. */
function clamp(value: number, min: number, max: number): number {
  if (value >= min) return value <= max ? Math.trunc(value) : max;
  return value < min ? min : Math.min(max, Math.max(min, 0));
}
