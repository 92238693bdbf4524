import type { SchemaElement } from "hyparquet";
import * as z from "zod";

export type FlatType = "int32" | "int64" | "double" | "boolean" | "text" | "texts" | "json" | "date" | "timestamp";

/** `map`: the type of the values; the keys are text. */
export type NestedType =
  | { readonly list: ColumnType }
  | { readonly map: ColumnType }
  | { readonly struct: StructField[] };

export type ColumnType = FlatType | NestedType;

/** A field of an object: its name there, its name in the column, its type, and 1 if it can be null. */
export type StructField = readonly [field: string, name: string, type: ColumnType, nullable: 0 | 1];

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

/** The column for a zod schema. Objects, lists of objects and anything else without a flat type become JSON text. */
export function columnTypeOf(schema: FieldSchema): FlatType {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return columnTypeOf(schema.unwrap());
  if (schema instanceof z.ZodNumber) return numberType(schema);
  if (schema instanceof z.ZodBoolean) return "boolean";
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) return "text";
  if (schema instanceof z.ZodLiteral) return literalType(schema);
  if (schema instanceof z.ZodArray) return columnTypeOf(schema.element) === "text" ? "texts" : "json";
  return "json";
}

function numberType({ isInt, minValue, maxValue }: z.ZodNumber): FlatType {
  if (!isInt) return "double";
  return (minValue ?? -Infinity) >= INT32_MIN && (maxValue ?? Infinity) <= INT32_MAX ? "int32" : "int64";
}

function literalType(schema: z.ZodLiteral): FlatType {
  const values = [...schema.values];
  if (values.every((value) => typeof value === "string")) return "text";
  if (values.every((value) => Number.isInteger(value) && Math.abs(value as number) <= INT32_MAX)) return "int32";
  return "json";
}

const leaves: Readonly<Record<Exclude<FlatType, "texts">, Omit<SchemaElement, "name">>> = {
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
  if (type === "texts") return schemaElements(name, { list: "text" }, required);
  if (typeof type === "string") return [{ name, ...leaves[type], repetition_type }];
  if ("list" in type)
    return [
      { name, repetition_type, num_children: 1, converted_type: "LIST" },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      ...schemaElements("element", type.list, false),
    ];
  if ("map" in type)
    return [
      { name, repetition_type, num_children: 1, converted_type: "MAP" },
      { name: "key_value", repetition_type: "REPEATED", num_children: 2 },
      ...schemaElements("key", "text", true),
      ...schemaElements("value", type.map, false),
    ];
  return [
    { name, repetition_type, num_children: type.struct.length },
    ...type.struct.flatMap(([, column, fieldType]) => schemaElements(column, fieldType, false)),
  ];
}

type Values = Readonly<Record<string, unknown>>;

/** A JSON value in the form that the column's rows expect (`ColumnRows.ts`); null and undefined become null. */
export function toColumn(type: ColumnType, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (type === "json") return JSON.stringify(value);
  return typeof type === "string" ? value : toNested(type, value);
}

/** A JSON value in the form that the Parquet library expects. */
function toNested(type: ColumnType, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (type === "json") return JSON.stringify(value);
  if (typeof type === "string") return type === "int64" || type === "timestamp" ? BigInt(value as number) : value;
  if ("list" in type) return (value as unknown[]).map((element) => toNested(type.list, element));
  if ("map" in type) return mapValues(value as Values, (of) => toNested(type.map, of));
  return Object.fromEntries(
    type.struct.map(([field, name, fieldType]) => [name, toNested(fieldType, (value as Values)[field])]),
  );
}

/** The inverse of `toColumn`: the JSON value for what a Parquet reader returns. */
export function fromColumn(type: ColumnType, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (type === "json") return JSON.parse(value as string);
  if (type === "timestamp") return (value as Date).getTime();
  if (typeof type === "string") return type === "int64" ? Number(value) : value;
  if ("list" in type) return (value as unknown[]).map((element) => fromColumn(type.list, element));
  if ("map" in type) return mapValues(value as Values, (of) => fromColumn(type.map, of));
  const fields: Record<string, unknown> = {};
  for (const [field, name, fieldType, nullable] of type.struct) {
    const of = fromColumn(fieldType, (value as Values)[name]);
    if (of !== null || nullable === 1) fields[field] = of;
  }
  return fields;
}

function mapValues(values: Values, convert: (value: unknown) => unknown): Values {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, convert(value)]));
}
