/** The columns of the Parquet files, which have the names of the lake's, and the rows of a message. */
import { type DuckDBValue, listValue } from "@duckdb/node-api";
import type { KafkaMessage } from "kafkajs";
import { dayOf } from "./FactCopies.ts";

interface BareColumn {
  readonly name: string;
  /** In the table that collects the rows. */
  readonly type: "VARCHAR" | "INTEGER" | "DOUBLE" | "BOOLEAN" | "VARCHAR[]";
  /** SQL that makes the column of the file from that of the table, if they differ. */
  readonly stored?: string;
}

interface Field extends BareColumn {
  /** Name in the event. */
  readonly field: string;
}

export interface BareTable {
  readonly columns: readonly BareColumn[];
  /** Null: one row per message, with the value as JSON. */
  readonly fields: readonly Field[] | null;
  readonly known: ReadonlySet<string>;
}

const column = (name: string, type: BareColumn["type"], stored?: string): BareColumn => ({ name, type, stored });
const whole = (name: string) => column(name, "DOUBLE", `"${name}"::BIGINT`);
const moment = (name: string) => column(name, "DOUBLE", `epoch_ms("${name}"::BIGINT)`);
const origin = [whole("log_offset"), moment("appended_at"), column("outbox_id", "VARCHAR"), whole("record_number")];
const head = [
  column("event_date", "VARCHAR", "event_date::DATE"),
  column("match_id", "VARCHAR"),
  whole("tick"),
  column("idx", "INTEGER"),
  column("kind", "VARCHAR"),
  moment("at"),
  column("v", "INTEGER"),
  ...["game", "room_id", "mode"].map((name) => column(name, "VARCHAR")),
];
const messageColumns = [column("id", "VARCHAR"), moment("at"), column("value", "VARCHAR"), ...origin];

const snakeCase = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const typed = (type: BareColumn["type"], ...fields: string[]) =>
  fields.map((field): Field => ({ field, name: snakeCase(field), type }));
const numbers = (...fields: string[]) => typed("INTEGER", ...fields);
const texts = (...fields: string[]) => typed("VARCHAR", ...fields);

/** Fields that are not listed here are stored as JSON. */
const FIELDS: Readonly<Record<string, readonly Field[]>> = {
  logs_move: [...texts("player"), ...numbers("x", "y", "aim")],
  logs_attack: [...texts("attacker", "target", "weapon"), ...numbers("damage", "targetHp", "x", "y", "rewindTicks")],
  logs_heal: [...texts("healer", "target"), ...numbers("amount", "targetHp")],
  logs_death: [
    ...texts("victim", "killer"),
    ...typed("VARCHAR[]", "assists"),
    ...texts("weapon"),
    ...numbers("x", "y"),
  ],
  logs_match: [
    ...texts("player", "reason", "rulesVersion", "map", "region", "source"),
    ...numbers("seat", "team", "role", "x", "y"),
    ...typed("BOOLEAN", "bot", "rated"),
    ...typed("DOUBLE", "weight"),
  ],
  logs_input: [
    ...numbers("seat", "moveX", "moveY", "aim", "buttons", "rewindTicks", "role"),
    ...texts("player", "hash", "map", "seed"),
    ...typed("BOOLEAN", "bot"),
  ],
};

export function tableOf(topic: string): BareTable {
  const fields = FIELDS[topic];
  if (fields === undefined) return { columns: messageColumns, fields: null, known: new Set() };
  const known = new Set(["i", "kind", ...fields.map(({ field }) => field)]);
  return { columns: [...head, ...fields, column("extra", "VARCHAR"), ...origin], fields, known };
}

/** Adds the rows of a message to `columns`. */
export function rowsOf(table: BareTable, message: KafkaMessage, value: any, columns: readonly DuckDBValue[][]): void {
  const { headers } = message;
  const seq = headers?.seq === undefined ? null : String(headers.seq).split(":");
  const from = [
    Number(message.offset),
    Number(message.timestamp),
    seq?.[0] ?? null,
    seq === null ? null : Number(seq[1]),
  ];
  if (table.fields === null) {
    push(columns, [String(headers?.id ?? ""), value.at, String(message.value), ...from]);
    return;
  }
  const { v, game, matchId, roomId, mode, tick, at } = value;
  const day = dayOf(matchId);
  for (const event of value.events) {
    const row: DuckDBValue[] = [day, matchId, tick, event.i, event.kind ?? null, at, v, game, roomId, mode];
    for (const { field, type } of table.fields)
      row.push(type === "VARCHAR[]" ? listValue(event[field]) : (event[field] ?? null));
    row.push(restOf(event, table.known));
    push(columns, [...row, ...from]);
  }
}

function restOf(event: Readonly<Record<string, unknown>>, known: ReadonlySet<string>): string | null {
  let rest: Record<string, unknown> | null = null;
  for (const field in event) if (!known.has(field)) (rest ??= {})[field] = event[field];
  return rest === null ? null : JSON.stringify(rest);
}

function push(columns: readonly DuckDBValue[][], row: readonly DuckDBValue[]): void {
  for (let at = 0; at < row.length; at++) columns[at].push(row[at]);
}
