/**
 * The columns of the lake for fields that are lists, maps (`z.record`) and objects. What has no declared shape stays JSON text.
 *
 * Earlier builds stored all of these fields as JSON text. A column keeps its type, because readers cannot combine files in which
 * a column has several types. So a nested column has another name than the field: `roster_list`, `counts_map`.
 */
import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { snakeCase } from "../eventCatalogue.ts";
import {
  acceptsNull,
  type ColumnType,
  columnTypeOf,
  type FieldSchema,
  type FlatType,
  fromColumn,
  type StructField,
} from "./columnTypes.ts";

export function lakeTypeOf(schema: FieldSchema): ColumnType {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return lakeTypeOf(schema.unwrap());
  const flat = columnTypeOf(schema);
  if (flat !== "json") return flat;
  if (schema instanceof z.ZodArray) return around(lakeTypeOf(schema.element), (list) => ({ list }));
  if (schema instanceof z.ZodRecord) return around(lakeTypeOf(schema.valueType as FieldSchema), (map) => ({ map }));
  return schema instanceof z.ZodObject ? structOf(schema.shape) : "json";
}

/** A list or map of what has no shape is JSON as a whole. */
function around(inner: ColumnType, type: (inner: ColumnType) => ColumnType): ColumnType {
  return inner === "json" ? "json" : type(inner);
}

/** JSON if there is no field, or if two fields would have the same name. */
function structOf(shape: Readonly<Record<string, FieldSchema>>): ColumnType {
  const struct = Object.entries(shape).map(([field, schema]): StructField => {
    return [field, snakeCase(field), lakeTypeOf(schema), acceptsNull(schema) ? 1 : 0];
  });
  const names = new Set(struct.map(([, name]) => name));
  return struct.length === 0 || names.size < struct.length ? "json" : { struct };
}

/** @param base the field's name in snake_case. */
export function columnName(base: string, type: ColumnType): string {
  return typeof type === "string" ? base : `${base}_${Object.keys(type)[0]}`;
}

const widths: readonly ColumnType[] = ["int32", "int64", "double"];

/** The narrowest type that can store the values of both. */
export function widest(one: ColumnType, other: ColumnType): ColumnType {
  if (isDeepStrictEqual(one, other)) return one;
  if (typeof one === "string" || typeof other === "string") return widestFlat(one, other);
  if ("list" in one && "list" in other) return around(widest(one.list, other.list), (list) => ({ list }));
  if ("map" in one && "map" in other) return around(widest(one.map, other.map), (map) => ({ map }));
  return "struct" in one && "struct" in other ? widestStruct(one.struct, other.struct) : "json";
}

function widestFlat(one: ColumnType, other: ColumnType): FlatType {
  const [a, b] = [widths.indexOf(one), widths.indexOf(other)];
  return a < 0 || b < 0 ? "json" : (widths[Math.max(a, b)] as FlatType);
}

function widestStruct(one: readonly StructField[], other: readonly StructField[]): ColumnType {
  const fields = new Map(one.map((field) => [field[0], field]));
  for (const field of other) {
    const [name, column, type, nullable] = field;
    const known = fields.get(name);
    fields.set(name, known === undefined ? field : [name, column, widest(known[2], type), nullable || known[3]]);
  }
  const struct = [...fields.values()];
  return new Set(struct.map(([, name]) => name)).size < struct.length ? "json" : { struct };
}

/**
 * Whether the column has everything that the value has. A nested column lacks fields that this build does not know, and cannot
 * tell a field that is null from one that is absent.
 * @param stored what `toColumn` returned for the value.
 */
export function hasAll(type: ColumnType, stored: unknown, value: unknown): boolean {
  return typeof type === "string" || isDeepStrictEqual(fromColumn(type, stored), value);
}
