/** The frames of a tick, as rows. */
import type { EventRows, MatchHead } from "../log/MessageEvents.ts";
import type { DecodedRecord } from "./TickDecoder.ts";

export class FrameRows implements EventRows {
  readonly match: MatchHead;
  readonly tick: number;
  readonly at: number;
  readonly kind = "frame";
  readonly fields: readonly string[];
  readonly length: number;
  readonly #words: readonly number[];
  readonly #firstIndex: number;

  /** @param fields the seat, then the words of the layout's frames. */
  constructor({ tick, at, frames }: DecodedRecord, match: MatchHead, fields: readonly string[], firstIndex: number) {
    this.match = match;
    this.tick = tick;
    this.at = at;
    this.fields = fields;
    this.length = frames.length / fields.length;
    this.#words = frames;
    this.#firstIndex = firstIndex;
  }

  indexAt(row: number): number {
    return this.#firstIndex + row;
  }

  valueAt(row: number, field: number): number {
    return this.#words[row * this.fields.length + field];
  }
}
