/**
 * The columns of each topic's files: those of the message, and those of the events. The latter are derived from the zod
 * declarations of the platform and the games, so no file here names the fields of a game.
 *
 * All integers are signed and all times are in milliseconds, because Spark reads neither uint64 nor nanoseconds. A field that is
 * not declared, or whose name is already a column of the message, is stored in `extra`.
 */
import { isPlatformTopic, platformTopics } from "../../events/platformTopics.ts";
import { type EventCatalogue, snakeCase } from "../eventCatalogue.ts";
import { acceptsNull, type ColumnType, type FieldSchema, shapeOf } from "./columnTypes.ts";
import { columnName, lakeTypeOf, widest } from "./nestedTypes.ts";

export interface LakeColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly required: boolean;
}

export interface FieldColumn extends LakeColumn {
  /** Name in the event: `targetHp`. */
  readonly field: string;
}

/** The declared fields of one kind of event, each with the index of its column in the table's `fields`. */
export type FieldPositions = ReadonlyMap<string, { readonly position: number; readonly nullable: boolean }>;

export interface LakeTable {
  readonly topic: string;
  /** `tick`: one row per event of a match's message; `message`: one row per message. */
  readonly rows: "tick" | "message";
  /** All columns in the order of the file: `head`, `fields`, `tail`. */
  readonly columns: readonly LakeColumn[];
  readonly head: readonly LakeColumn[];
  readonly fields: readonly FieldColumn[];
  readonly tail: readonly LakeColumn[];
  /** By `eventKey`. A field that a kind does not declare may have any type, so it is not stored in another kind's column. */
  readonly fieldPositions: ReadonlyMap<string, FieldPositions>;
}

/** `kind` is empty for topics whose events have no kind. Both are empty for messages that are events themselves. */
export function eventKey(game: string, kind: string): string {
  return `${game} ${kind}`;
}

const required = (name: string, type: ColumnType): LakeColumn => ({ name, type, required: true });
const optional = (name: string, type: ColumnType): LakeColumn => ({ name, type, required: false });

const tickHead = [
  required("event_date", "date"),
  required("match_id", "text"),
  required("tick", "int64"),
  required("idx", "int32"),
  optional("kind", "text"),
  required("at", "timestamp"),
  required("v", "int32"),
  required("game", "text"),
  required("room_id", "text"),
  required("mode", "text"),
];
const messageHead = [required("event_date", "date"), required("id", "text"), required("at", "timestamp")];
/** JSON objects of the fields without a column: `extra` those of the event, `message_extra` those of the message. */
const tickTail = [optional("extra", "json"), optional("message_extra", "json")];
const messageTail = [optional("extra", "json")];
/** Position of the message in the log, and the outbox record from which it was made. */
const origin = [
  required("log_offset", "int64"),
  required("appended_at", "timestamp"),
  optional("outbox_id", "text"),
  optional("record_number", "int64"),
];

/** The columns of a topic's files; for topics of matches, those of all the catalogue's games together. */
export function lakeTable(topic: string, catalogue: EventCatalogue): LakeTable {
  if (isPlatformTopic(topic)) return messageTable(topic, platformTopics[topic].schema);
  const tail = [...tickTail, ...origin];
  return tableOf(topic, "tick", tickHead, tail, ["i", "kind"], eventSchemas(topic, catalogue));
}

function messageTable(topic: string, schema: FieldSchema): LakeTable {
  const tail = [...messageTail, ...origin];
  return tableOf(topic, "message", messageHead, tail, ["at"], [[eventKey("", ""), schema]]);
}

function* eventSchemas(topic: string, catalogue: EventCatalogue): Iterable<[string, FieldSchema]> {
  for (const game of catalogue.games) {
    const schemas = catalogue.schemas(topic, game);
    if (schemas === null) continue;
    if ("only" in schemas) yield [eventKey(game, ""), schemas.only];
    else for (const [kind, schema] of schemas.byKind) yield [eventKey(game, kind), schema];
  }
}

function tableOf(
  topic: string,
  rows: LakeTable["rows"],
  head: readonly LakeColumn[],
  tail: readonly LakeColumn[],
  inHead: readonly string[],
  schemas: Iterable<[string, FieldSchema]>,
): LakeTable {
  const reserved = new Set([...head, ...tail].map(({ name }) => name));
  const added: FieldColumn[] = [];
  const fieldPositions = new Map<string, FieldPositions>();
  for (const [key, schema] of schemas) {
    const declared = Object.entries(shapeOf(schema)).filter(([field]) => !inHead.includes(field));
    const positions = declared.flatMap(([field, type]) => {
      const position = reserved.has(snakeCase(field)) ? -1 : addField(added, field, lakeTypeOf(type));
      return position < 0 ? [] : [[field, { position, nullable: acceptsNull(type) }] as const];
    });
    fieldPositions.set(key, new Map(positions));
  }
  const fields = withNames(added, reserved);
  return { topic, rows, head, fields, tail, columns: [...head, ...fields, ...tail], fieldPositions };
}

/** Adds a column for the field, or widens its existing column. Returns its index, or -1 if another field has that column name. */
function addField(fields: FieldColumn[], field: string, type: ColumnType): number {
  const name = snakeCase(field);
  const position = fields.findIndex((column) => column.name === name);
  if (position < 0) return fields.push({ field, name, type, required: false }) - 1;
  if (fields[position].field !== field) return -1;
  fields[position] = { ...fields[position], type: widest(type, fields[position].type) };
  return position;
}

/** The names of nested columns. Such a field is JSON text if another column has this name. */
function withNames(fields: readonly FieldColumn[], reserved: ReadonlySet<string>): FieldColumn[] {
  const taken = new Set([...reserved, ...fields.map(({ name }) => name)]);
  return fields.map((column): FieldColumn => {
    const name = columnName(column.name, column.type);
    if (name === column.name) return column;
    return taken.has(name) ? { ...column, type: "json" } : { ...column, name };
  });
}
