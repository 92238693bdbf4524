/**
 * A development switch that reports values which do not fit their type. A typed array stores 300 in a `u8` as 44, 1.5 in an `i32`
 * as 1, and ignores a write beyond its end, all silently. While the switch is on, the fields of every world that is created or
 * loaded throw a RangeError instead. Such worlds have the same bytes and hashes, and step many times slower: switch it on in
 * development and in tests, never in a server.
 */
import type { Stretch } from "./layout.ts";
import type { NumberArray, NumberType } from "./numbers.ts";

let isOn = false;

/** Switches the checks on or off for worlds that are created or loaded from now on, and returns how it was before. */
export function checkWrites(on: boolean): boolean {
  const before = isOn;
  isOn = on;
  return before;
}

/** Whether new worlds check what is written into them. */
export const writesAreChecked = (): boolean => isOn;

/** Throws a RangeError if `value` does not fit the type of the field at `path`. */
export function checkValue(path: string, type: NumberType, value: unknown): void {
  if (typeof value === "number" && Number.isInteger(value) && value >= type.min && value <= type.max) return;
  const range = `${type.name}, whole numbers from ${type.min} to ${type.max}`;
  if (typeof value !== "number" || Number.isNaN(value))
    throw new RangeError(`${path}: ${String(value)} was written, expected ${range}: check how the value is computed`);
  const remedy = Number.isInteger(value)
    ? "clamp the value, or declare the field with a wider type"
    : "round it with Math.trunc, or declare the field with fixed(scale) and multiply by the scale";
  throw new RangeError(`${path}: ${value} was written, expected ${range}: ${remedy}`);
}

/** Returns a view of the same numbers that checks each value and index that is written. */
export function checkedView<A extends NumberArray>(
  view: A,
  { path, type }: Pick<Stretch, "path" | "type">,
  from = 0,
): A {
  const checkAll = (values: ArrayLike<number>, at: number): void => {
    for (let i = 0; i < values.length; i++) checkValue(`${path}[${from + at + i}]`, type, values[i]);
  };
  const replaced: Record<PropertyKey, unknown> = {
    set: (values: ArrayLike<number>, at = 0) => {
      checkAll(values, at);
      view.set(values, at);
    },
    fill: (value: number, ...range: number[]) => {
      checkValue(`${path}, filled`, type, value);
      view.fill(value, ...range);
      return proxy;
    },
    subarray: (begin = 0, end = view.length) => {
      const part = view.subarray(begin, end) as A;
      return checkedView(part, { path, type }, from + (part.byteOffset - view.byteOffset) / type.bytes);
    },
  };
  const proxy: A = new Proxy(view, {
    get: (target, key) => {
      if (Object.hasOwn(replaced, key)) return replaced[key];
      const member = Reflect.get(target, key, target);
      return typeof member === "function" && key !== "constructor" ? member.bind(target) : member;
    },
    set: (target, key, value) => {
      if (typeof key === "string" && /^-?\d|^NaN$|^undefined$|^Infinity$/.test(key)) {
        if (!(Number(key) < target.length) || !/^\d+$/.test(key))
          throw new RangeError(`${path}[${key}] was written: expected an index from 0 to ${target.length - 1}`);
        checkValue(`${path}[${from + Number(key)}]`, type, value);
      }
      return Reflect.set(target, key, value, target);
    },
  });
  return proxy;
}
