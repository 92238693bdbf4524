/**
 * What the JSON of an event looks like as the relay writes it: its members in their order, and which values each may have. Derived
 * from the event's zod schema.
 */
import * as z from "zod";
import { type Expected, expected, isPlain } from "./words.ts";

interface FieldShape {
  readonly field: string;
  /** `int`: a whole number of at most 9 digits. `text`, `texts`: ASCII without escapes. */
  readonly as: "int" | "text" | "texts";
  readonly min: number;
  readonly max: number;
  readonly minLength: number;
  /** The only texts that are allowed; null: any. */
  readonly names: readonly string[] | null;
  readonly nullable: boolean;
  /** What an event has that lacks the field; undefined: the field must not lack. */
  readonly default: unknown;
}

interface Part extends FieldShape {
  /** The bytes before the value. */
  readonly before: Expected;
}

export interface EventShape {
  /** Empty for topics whose events have no kind. */
  readonly kind: string;
  /** Index of the event. Its own column, not one of `fields`. */
  readonly index: Part;
  readonly fields: readonly Part[];
  /** The bytes after the last value. */
  readonly end: Expected;
  /** Least bytes of an event. */
  readonly bytesMin: number;
}

interface Bound {
  readonly check: string;
  readonly value: unknown;
  readonly inclusive: boolean;
}

const INT: FieldShape = {
  field: "",
  as: "int",
  min: 0,
  max: 0,
  minLength: 0,
  names: null,
  nullable: false,
  default: undefined,
};

/** Null if a field can have values that columns do not have. Then its events are decoded by `decodeMessage`. */
export function shapeOfEvent(kind: string, { shape, def }: z.ZodObject): EventShape | null {
  if (hasChecks(def)) return null;
  const fields: FieldShape[] = [];
  for (const [field, schema] of Object.entries(shape)) {
    if (field === "kind" && schema instanceof z.ZodLiteral && kind !== "") continue;
    const found = shapeOfField(schema);
    if (found === null) return null;
    fields.push({ ...found, field, default: schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined });
  }
  const [index, ...others] = fields;
  if (index?.field !== "i" || index.as !== "int" || others.some(({ field }) => field === "kind" && kind !== ""))
    return null;
  const kindJson = kind === "" ? "" : `,"kind":${JSON.stringify(kind)}`;
  const before = ({ field }: FieldShape, at: number) => `${at === 0 ? kindJson : ""},${JSON.stringify(field)}:`;
  const first: Part = { ...index, before: expected('{"i":') };
  const parts: Part[] = others.map((field, at) => ({ ...field, before: expected(before(field, at)) }));
  const end = expected(`${others.length === 0 ? kindJson : ""}}`);
  const bytesMin = [first, ...parts].reduce((sum, part) => sum + part.before.length + 1, end.length);
  return { kind, index: first, fields: parts, end, bytesMin };
}

function shapeOfField(schema: z.core.$ZodType): FieldShape | null {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) return shapeOfField(schema.unwrap());
  if (schema instanceof z.ZodNullable) {
    const inner = shapeOfField(schema.unwrap());
    return inner?.as === "text" ? { ...inner, nullable: true } : null;
  }
  if (schema instanceof z.ZodNumberFormat) return shapeOfInteger(schema);
  if (schema instanceof z.ZodString) return shapeOfText(schema);
  if (schema instanceof z.ZodEnum) return shapeOfNames(schema.options);
  if (schema instanceof z.ZodArray && !hasChecks(schema.def)) {
    const inner = shapeOfField(schema.element);
    return inner?.as === "text" && !inner.nullable && inner.names === null ? { ...inner, as: "texts" } : null;
  }
  return null;
}

function shapeOfInteger({ _zod: { def } }: z.ZodNumberFormat): FieldShape | null {
  if (def.format !== "safeint") return null;
  let [min, max] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const { _zod } of def.checks ?? []) {
    const { check, value, inclusive }: Partial<Bound> = _zod.def;
    if (!inclusive || typeof value !== "number") return null;
    if (check === "greater_than") min = Math.max(min, value);
    else if (check === "less_than") max = Math.min(max, value);
    else return null;
  }
  return { ...INT, min, max };
}

function shapeOfText({ def }: z.ZodString): FieldShape | null {
  if ("format" in def) return null;
  let minLength = 0;
  for (const { _zod } of def.checks ?? []) {
    const { check, minimum }: Partial<z.core.$ZodCheckMinLengthDef | { check: string; minimum: undefined }> = _zod.def;
    if (check !== "min_length" || minimum === undefined) return null;
    minLength = Math.max(minLength, minimum);
  }
  return { ...INT, as: "text", minLength };
}

function shapeOfNames(options: readonly unknown[]): FieldShape | null {
  const names = options.filter((name): name is string => typeof name === "string" && isPlain(name));
  return names.length === options.length ? { ...INT, as: "text", names } : null;
}

function hasChecks({ checks }: { readonly checks?: readonly unknown[] }): boolean {
  return checks !== undefined && checks.length > 0;
}
