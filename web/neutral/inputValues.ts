/** How keys and sliders become a frame of any game. */
import type { GameDescription } from "../../schema/gameList.ts";

export type Field = GameDescription["input"][number];

/** By `KeyboardEvent.code`: which driven field a key drives, and whether to its greatest value or its smallest. */
const KEYS: Readonly<Record<string, { readonly axis: 0 | 1; readonly to: "max" | "min" }>> = {
  ArrowRight: { axis: 0, to: "max" },
  KeyD: { axis: 0, to: "max" },
  ArrowLeft: { axis: 0, to: "min" },
  KeyA: { axis: 0, to: "min" },
  ArrowDown: { axis: 1, to: "max" },
  KeyS: { axis: 1, to: "max" },
  ArrowUp: { axis: 1, to: "min" },
  KeyW: { axis: 1, to: "min" },
};
const AXES = 2;

/** Fields that the keys drive: the first two whose range is symmetric, such as −127 to 127. */
export const drivenFields = (fields: readonly Field[]): readonly Field[] =>
  fields.filter(({ min, max }) => min < 0 && min === -max).slice(0, AXES);

/** A field with the values 0 and 1. */
export const isButton = ({ min, max }: Field): boolean => min === 0 && max === 1;

export const isDrivingKey = (code: string): boolean => code in KEYS;

/** The value of each driven field while the keys in `pressed` are down; 0 for none, and for opposite ones. */
export function drivenValues(fields: readonly Field[], pressed: ReadonlySet<string>): Record<string, number> {
  const values = drivenFields(fields).map((field, at) => {
    const isDown = (to: "max" | "min"): boolean =>
      [...pressed].some((code) => KEYS[code]?.axis === at && KEYS[code].to === to);
    return [field.name, (isDown("max") ? field.max : 0) + (isDown("min") ? field.min : 0)];
  });
  return Object.fromEntries(values);
}
