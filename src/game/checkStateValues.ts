/**
 * Finds values in a synced state that do not fit the type of their field. The encoder reports none of them: clients receive 4,464 for
 * 70,000 in a `uint16`. Too slow for every tick of a server.
 */
import { Metadata } from "@colyseus/schema";
import { describeValue, GameFault, type Problem } from "./GameFault.ts";

const WHOLE_NUMBERS: Readonly<Record<string, readonly [min: number, max: number]>> = {
  ...{ int8: [-0x80, 0x7f], uint8: [0, 0xff], int16: [-0x8000, 0x7fff], uint16: [0, 0xffff] },
  ...{ int32: [-0x80000000, 0x7fffffff], uint32: [0, 0xffffffff] },
  ...{ int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER], uint64: [0, Number.MAX_SAFE_INTEGER] },
};
const FLOATS: Readonly<Record<string, number>> = {
  ...{ float32: 3.4028234663852886e38, float64: Number.MAX_VALUE, number: Number.MAX_VALUE },
};
/** What a field may hold that holds several values. */
const COLLECTIONS = ["map", "array", "set", "collection"] as const;

/** The fields of a schema class, with their types. */
const declared = new Map<object, readonly (readonly [name: string, type: unknown])[]>();

/** Throws a `GameFault` that names the first field with a value that does not fit. `tick` is that of the state. */
export function checkStateValues(game: string, tick: number, state: object): void {
  const found = misfitIn("", state);
  if (found !== null) throw new GameFault(game, `project at tick ${tick}, field ${found.field}`, found.problem);
}

interface Misfit {
  readonly field: string;
  readonly problem: Problem;
}

function misfitIn(path: string, instance: object): Misfit | null {
  for (const [name, type] of fieldsOf(instance.constructor)) {
    const misfit = misfitOf(path === "" ? name : `${path}.${name}`, type, (instance as Record<string, unknown>)[name]);
    if (misfit !== null) return misfit;
  }
  return null;
}

function fieldsOf(type: object): readonly (readonly [string, unknown])[] {
  let fields = declared.get(type);
  if (fields === undefined) {
    fields = Symbol.metadata in type ? Object.entries(Metadata.getFields(type)) : [];
    declared.set(type, fields);
  }
  return fields;
}

/** A field without a value is not sent. */
function misfitOf(field: string, type: unknown, value: unknown): Misfit | null {
  if (value === undefined || value === null) return null;
  if (typeof type === "string") {
    const problem = problemOfValue(type, value);
    return problem === null ? null : { field, problem };
  }
  if (typeof type === "function") return misfitIn(field, value as object);
  const kind = COLLECTIONS.find((name) => Object.hasOwn(type as object, name));
  if (kind === undefined) return null;
  const entryType = (type as Record<string, unknown>)[kind];
  let found: Misfit | null = null;
  (value as Map<unknown, unknown>).forEach((entry, key) => {
    found ??= misfitOf(`${field}[${JSON.stringify(key)}]`, entryType, entry);
  });
  return found;
}

function problemOfValue(type: string, value: unknown): Problem | null {
  const whole = WHOLE_NUMBERS[type];
  if (whole !== undefined) {
    const [min, max] = whole;
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return null;
    const remedy = Number.isInteger(value)
      ? "clamp it in project, or declare the field with a wider type"
      : "round it with Math.trunc in project, or declare the field as t.float32()";
    return misfit(type, value, `a whole number from ${min} to ${max}`, remedy);
  }
  const most = FLOATS[type];
  if (most !== undefined) {
    if (typeof value === "number" && Math.abs(value) <= most) return null;
    return misfit(type, value, `a number from ${-most} to ${most}`, "check how project computes it");
  }
  if ((type === "string" || type === "boolean") && typeof value !== type)
    return misfit(type, value, `a ${type}`, "write such a value in project, or change the type of the field");
  return null;
}

const misfit = (type: string, value: unknown, expected: string, remedy: string): Problem => ({
  what: `is ${describeValue(value)}, expected ${expected}, as ${type} holds`,
  remedy,
});
