/** Writes the frame of one seat by the names of its fields. */
import type { Frames } from "../Frames.ts";
import type { Game } from "../Game.ts";

/**
 * Values of the game's `inputFields` by name, and `rewindTicks`. A field that is not there is 0. Values are clamped to the ranges of the
 * fields, as a room does.
 */
export type FrameFields = Readonly<Record<string, number>>;

/** Throws an error for a field that the game does not have. */
export function writeFrame({ name, inputFields }: Game, frames: Frames, seat: number, fields: FrameFields): void {
  frames.idle(seat);
  const row = seat * frames.width;
  for (const [field, value] of Object.entries(fields)) {
    const at = inputFields.findIndex((one) => one.name === field);
    if (at >= 0) frames.values[row + at] = clamped(value, inputFields[at]);
    else if (field === "rewindTicks") frames.values[row + frames.width - 1] = Math.max(0, Math.trunc(value));
    else
      throw new Error(`${name} has no input field ${JSON.stringify(field)}: expected one of ${namesOf(inputFields)}`);
  }
}

/** NaN is 0. */
function clamped(value: number, { min, max }: { readonly min: number; readonly max: number }): number {
  return Number.isNaN(value) ? 0 : Math.trunc(Math.max(min, Math.min(max, value)));
}

const namesOf = (fields: Game["inputFields"]): string => [...fields.map(({ name }) => name), "rewindTicks"].join(", ");
