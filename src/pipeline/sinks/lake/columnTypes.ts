import type { SchemaElement } from "hyparquet";
import * as z from "zod";

export type ColumnType = "int32" | "int64" | "double" | "boolean" | "text" | "texts" | "json" | "date" | "timestamp";

export type FieldSchema = z.core.$ZodType;

const INT32_MIN = -0x80000000;
const INT32_MAX = 0x7fffffff;

/** The fields of an object schema. Throws on any other schema. */
export function shapeOf(schema: FieldSchema): Readonly<Record<string, FieldSchema>> {
  if (schema instanceof z.ZodObject) return schema.shape;
  throw new Error("an event must be declared as an object");
}

export function acceptsNull(schema: FieldSchema): boolean {
  return z.safeParse(schema, null).success;
}

/** The Parquet column for a zod schema. Objects, lists of objects and anything else without a column type become JSON text. */
export function columnTypeOf(schema: FieldSchema): ColumnType {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return columnTypeOf(schema.unwrap());
  if (schema instanceof z.ZodNumber) return numberType(schema);
  if (schema instanceof z.ZodBoolean) return "boolean";
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) return "text";
  if (schema instanceof z.ZodLiteral) return literalType(schema);
  if (schema instanceof z.ZodArray) return columnTypeOf(schema.element) === "text" ? "texts" : "json";
  return "json";
}

function numberType({ isInt, minValue, maxValue }: z.ZodNumber): ColumnType {
  if (!isInt) return "double";
  return (minValue ?? -Infinity) >= INT32_MIN && (maxValue ?? Infinity) <= INT32_MAX ? "int32" : "int64";
}

function literalType(schema: z.ZodLiteral): ColumnType {
  const values = [...schema.values];
  if (values.every((value) => typeof value === "string")) return "text";
  if (values.every((value) => Number.isInteger(value) && Math.abs(value as number) <= INT32_MAX)) return "int32";
  return "json";
}

const widths: readonly ColumnType[] = ["int32", "int64", "double"];

/** The narrowest type that can store the values of both. */
export function widest(one: ColumnType, other: ColumnType = one): ColumnType {
  if (one === other) return one;
  const [a, b] = [widths.indexOf(one), widths.indexOf(other)];
  return a < 0 || b < 0 ? "json" : widths[Math.max(a, b)];
}

const leaves: Readonly<Record<Exclude<ColumnType, "texts">, Omit<SchemaElement, "name">>> = {
  int32: { type: "INT32" },
  int64: { type: "INT64" },
  double: { type: "DOUBLE" },
  boolean: { type: "BOOLEAN" },
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  // Declared as text, not as Parquet's JSON type: every reader supports text.
  json: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  date: { type: "INT32", converted_type: "DATE" },
  timestamp: {
    type: "INT64",
    converted_type: "TIMESTAMP_MILLIS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" },
  },
};

export function schemaElements(name: string, type: ColumnType, required: boolean): SchemaElement[] {
  const repetition_type = required ? "REQUIRED" : "OPTIONAL";
  if (type !== "texts") return [{ name, ...leaves[type], repetition_type }];
  return [
    { name, repetition_type, num_children: 1, converted_type: "LIST" },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", ...leaves.text, repetition_type: "OPTIONAL" },
  ];
}

/** A JSON value in the form that the column's rows expect (`ColumnRows.ts`); null and undefined become null. */
export function toColumn(type: ColumnType, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  return type === "json" ? JSON.stringify(value) : value;
}

/** The inverse of `toColumn`: the JSON value for what a Parquet reader returns. */
export function fromColumn(type: ColumnType, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (type === "json") return JSON.parse(value as string);
  if (type === "timestamp") return (value as Date).getTime();
  return type === "int64" ? Number(value) : value;
}
