/**
 * Adds the declared defaults that a value lacks. zod's own parsing would copy the value, and drop unknown fields of nested
 * objects.
 */
import * as z from "zod";

type Fill = (value: unknown) => void;

/** Null for a schema without defaults. */
const fills = new WeakMap<z.core.$ZodType, Fill | null>();

/** Throws if a default is declared where none can be added: in anything but the fields of objects and lists of objects. */
export function checkDefaults(schema: z.core.$ZodType): void {
  fillOf(schema);
}

/** Changes `value`, which must match the schema. */
export function fillDefaults(schema: z.core.$ZodType, value: unknown): void {
  fillOf(schema)?.(value);
}

function fillOf(schema: z.core.$ZodType): Fill | null {
  let fill = fills.get(schema);
  if (fill === undefined) fills.set(schema, (fill = makeFill(schema)));
  return fill;
}

function makeFill(schema: z.core.$ZodType): Fill | null {
  if (schema instanceof z.ZodObject) return objectFill(schema.shape);
  if (schema instanceof z.ZodArray) {
    const fill = fillOf(schema.element);
    return fill && ((list) => (list as unknown[]).forEach(fill));
  }
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    const fill = fillOf(schema.unwrap());
    return fill && ((value) => value !== null && value !== undefined && fill(value));
  }
  if (hasDefaultInside(schema)) throw new Error("a default must be that of an object's field: move it there");
  return null;
}

function objectFill(shape: Readonly<Record<string, z.core.$ZodType>>): Fill | null {
  const steps: ((object: Record<string, unknown>) => void)[] = [];
  for (const [field, schema] of Object.entries(shape)) {
    if (schema instanceof z.ZodDefault)
      steps.push((object) => {
        if (object[field] === undefined) object[field] = schema.def.defaultValue;
      });
    const fill = fillOf(schema);
    if (fill !== null) steps.push((object) => fill(object[field]));
  }
  if (steps.length === 0) return null;
  return (object) => {
    for (const step of steps) step(object as Record<string, unknown>);
  };
}

function hasDefaultInside(schema: z.core.$ZodType): boolean {
  if (schema instanceof z.ZodUnion) return schema.options.some((option) => fillOf(option) !== null);
  if (schema instanceof z.ZodRecord) return fillOf(schema.valueType) !== null;
  return schema instanceof z.ZodTuple && schema.def.items.some((item) => fillOf(item) !== null);
}
