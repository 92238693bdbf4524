/** The input of a game as a declaration: from it follow the schema class, the fields of a row of frames, and reading by name. */
import { type Schema, schema, t } from "@colyseus/schema";
import type { Frames, InputField } from "../Frames.ts";

/** Smallest and largest value of a field of the input, both inclusive. */
export type InputRange = Omit<InputField, "name">;
export type InputDeclaration = Readonly<Record<string, InputRange>>;

/** A stick or a pair of keys: −127 to 127. */
export const axis: InputRange = { min: -127, max: 127 };
/** A button: 0 or 1. */
export const button: InputRange = { min: 0, max: 1 };

/** Whole numbers from `min` to `max`. They must include 0, which is the input of a player who sends nothing. */
export function range(min: number, max: number): InputRange {
  return { min, max };
}

/** The input of one seat in one tick, a view of its row of frames: `input.dx`. */
export type SeatInput<I = InputDeclaration> = { -readonly [K in keyof I]: number } & {
  /** Age in ticks of the state that the player saw; 0 for bots. */
  rewindTicks: number;
};

/** Returns the schema class of the input, each field as small as its range permits. */
export function inputClass(game: string, input: InputDeclaration): new () => Schema {
  const fields = Object.entries(input).map(([name, range]) => [name, smallestType(range).default(0)]);
  return schema(Object.fromEntries(fields), `${game} input`) as unknown as new () => Schema;
}

export function inputFieldsOf(input: InputDeclaration): InputField[] {
  return Object.entries(input).map(([name, range]) => ({ name, ...range }));
}

function smallestType({ min, max }: InputRange) {
  if (min >= 0) return max <= 0xff ? t.uint8() : max <= 0xffff ? t.uint16() : t.uint32();
  const most = Math.max(max, -1 - min);
  return most <= 0x7f ? t.int8() : most <= 0x7fff ? t.int16() : t.int32();
}

/** Returns the views of frames: one for each seat. The same frames have the same views, so that a step allocates nothing. */
export function inputReader(names: readonly string[]): (frames: Frames) => readonly SeatInput[] {
  class Row {
    readonly $values: Int32Array;
    readonly $at: number;
    constructor({ values, width }: Frames, seat: number) {
      this.$values = values;
      this.$at = seat * width;
    }
  }
  for (const [at, name] of [...names, "rewindTicks"].entries())
    Object.defineProperty(Row.prototype, name, {
      get(this: Row) {
        return this.$values[this.$at + at];
      },
      set(this: Row, value: number) {
        this.$values[this.$at + at] = value;
      },
    });
  const rows = new WeakMap<Frames, readonly SeatInput[]>();
  return (frames) => {
    let found = rows.get(frames);
    if (found === undefined) {
      found = Array.from({ length: frames.seats }, (_, seat) => new Row(frames, seat) as unknown as SeatInput);
      rows.set(frames, found);
    }
    return found;
  };
}
