/**
 * The fields of the events in one file, as the build that wrote the file declared them. A later build may have renamed or retyped
 * a field, and reads the file's rows in their own version. The fields are in the file's metadata.
 */
import type { SchemaElement } from "hyparquet";
import type { ColumnType } from "./columnTypes.ts";
import type { FieldColumn, FieldPositions, LakeTable } from "./lakeTables.ts";

export interface FileFields {
  readonly fields: readonly Pick<FieldColumn, "field" | "name" | "type">[];
  /** By `eventKey`. */
  readonly fieldPositions: ReadonlyMap<string, FieldPositions>;
}

interface Stored {
  /** Field, column and type. */
  readonly fields: readonly (readonly [string, string, ColumnType])[];
  /** By `eventKey`, then by field: the position in `fields`, and 1 if the field can be null. */
  readonly events: Readonly<Record<string, Readonly<Record<string, readonly [number, 0 | 1]>>>>;
}

export function fieldsToJson({ fields, fieldPositions }: LakeTable): string {
  const events = [...fieldPositions].map(([key, positions]) => [
    key,
    Object.fromEntries([...positions].map(([field, { position, nullable }]) => [field, [position, nullable ? 1 : 0]])),
  ]);
  const stored = {
    fields: fields.map(({ field, name, type }) => [field, name, type]),
    events: Object.fromEntries(events),
  };
  return JSON.stringify(stored satisfies { [K in keyof Stored]: unknown });
}

export function fieldsFromJson(json: string): FileFields {
  const { fields, events } = JSON.parse(json) as Stored;
  return {
    fields: fields.map(([field, name, type]) => ({ field, name, type })),
    fieldPositions: new Map(
      Object.entries(events).map(([key, positions]) => [
        key,
        new Map(
          Object.entries(positions).map(([field, [position, nullable]]) => [
            field,
            { position, nullable: nullable === 1 },
          ]),
        ),
      ]),
    ),
  };
}

/** Columns that contain JSON, of the builds that did not store the fields of a file. */
const JSON_COLUMNS: ReadonlySet<string> = new Set([
  ...["constants", "counts", "roster", "shed", "standings", "team_scores"],
]);

/**
 * For a file of a build that did not store its fields: those of this build's table for which the file has a column, and one for
 * each further column, which is that of a field that was renamed or removed since.
 */
export function fieldsInSchema(table: LakeTable, schema: readonly SchemaElement[]): FileFields {
  const columns = columnsIn(schema);
  const own = new Set([...table.head, ...table.tail].map(({ name }) => name));
  const known = new Set(table.fields.map(({ name }) => name));
  const former = [...columns].filter(([name]) => !own.has(name) && !known.has(name));
  const fields = [...table.fields, ...former.map(([name, type]) => ({ field: camelCase(name), name, type }))];
  const formerPositions = former.map(([name], at) => {
    return [camelCase(name), { position: table.fields.length + at, nullable: false }] as const;
  });
  const fieldPositions = [...table.fieldPositions].map(([key, positions]) => {
    const inFile = [...positions].filter(([, { position }]) => columns.has(fields[position].name));
    return [key, new Map([...inFile, ...formerPositions])] as const;
  });
  return { fields, fieldPositions: new Map(fieldPositions) };
}

function columnsIn(schema: readonly SchemaElement[]): Map<string, ColumnType> {
  const columns = new Map<string, ColumnType>();
  for (let at = 1; at < schema.length; at++) {
    const { name, type, num_children = 0 } = schema[at];
    columns.set(name, num_children > 0 ? "texts" : JSON_COLUMNS.has(name) ? "json" : typeNames[type!]);
    // A list is a column with two elements inside.
    if (num_children > 0) at += 2;
  }
  return columns;
}

const typeNames: Readonly<Record<string, ColumnType>> = {
  ...{ INT32: "int32", INT64: "int64", DOUBLE: "double", BOOLEAN: "boolean", BYTE_ARRAY: "text" },
};

/** `target_hp` → `targetHp`. */
function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
