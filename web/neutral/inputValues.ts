/** How keys and sliders become a frame of any game. */
import type { GameDescription } from "../../schema/gameList.ts";

export type Field = GameDescription["input"][number];

/** The keys that drive a field to its greatest and smallest value, by `KeyboardEvent.code`. */
const AXES = [
  { more: ["ArrowRight", "KeyD"], less: ["ArrowLeft", "KeyA"] },
  { more: ["ArrowDown", "KeyS"], less: ["ArrowUp", "KeyW"] },
];

/** Fields that the keys drive: the first two whose range is symmetric, such as −127 to 127. */
export const drivenFields = (fields: readonly Field[]): readonly Field[] =>
  fields.filter(({ min, max }) => min < 0 && min === -max).slice(0, AXES.length);

/** A field with the values 0 and 1. */
export const isButton = ({ min, max }: Field): boolean => min === 0 && max === 1;

export const isDrivingKey = (code: string): boolean =>
  AXES.some(({ more, less }) => more.includes(code) || less.includes(code));

/** The value of each driven field while the keys in `pressed` are down; 0 for none, and for opposite ones. */
export function drivenValues(fields: readonly Field[], pressed: ReadonlySet<string>): Record<string, number> {
  const isDown = (codes: readonly string[]): boolean => codes.some((code) => pressed.has(code));
  const values = drivenFields(fields).map(({ name, min, max }, at) => {
    const { more, less } = AXES[at];
    return [name, (isDown(more) ? max : 0) + (isDown(less) ? min : 0)];
  });
  return Object.fromEntries(values);
}
