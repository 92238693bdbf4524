/** The messages of a lake file, from their rows. Those of matches make their JSON only when they are asked for it. */
import type { LogMessage } from "../../log/EventLog.ts";
import type { EventRows } from "../../log/MessageEvents.ts";
import { fromColumn } from "./columnTypes.ts";
import type { FileFields } from "./fileFields.ts";
import { RowsInFile } from "./LakeRows.ts";
import { eventKey, type LakeTable } from "./lakeTables.ts";
import type { Row, RowsOfGroup } from "./RowGroup.ts";

type Place = Pick<LogMessage, "topic" | "partition">;

export class LakeMessages {
  readonly #place: Place;
  readonly #kind: LakeTable["rows"];
  readonly #fields: FileFields;
  readonly #rows: RowsInFile;

  constructor({ topic, partition }: Place, kind: LakeTable["rows"], fields: FileFields) {
    this.#place = { topic, partition };
    this.#kind = kind;
    this.#fields = fields;
    this.#rows = new RowsInFile(fields);
  }

  /** @param parts all rows of the message. */
  from(parts: readonly RowsOfGroup[]): LogMessage {
    const { group, from } = parts[0];
    const cell = (column: string) => group.column(column)[from];
    const outboxId = cell("outbox_id");
    const seq: Record<string, string> = outboxId == null ? {} : { seq: `${outboxId}:${cell("record_number")}` };
    const { topic } = this.#place;
    const head = {
      ...this.#place,
      offset: cell("log_offset") as bigint,
      appendedAt: (cell("appended_at") as Date).getTime(),
    };
    if (this.#kind === "message") {
      const value = eventOf(this.#fields, group.rowAt(from));
      const key = String(value.player ?? value.process ?? "");
      return { ...head, key: Buffer.from(key), headers: { id: String(cell("id")), ...seq }, value: toBytes(value) };
    }
    const matchId = String(cell("match_id"));
    const headers = { id: `${matchId}:${Number(cell("tick"))}:${topic}`, ...seq };
    const rows = parts.length === 1 ? this.#rows.of(parts[0]) : undefined;
    return new LakeTick({ ...head, key: Buffer.from(matchId), headers, rows }, () => tickOf(this.#fields, parts));
  }
}

class LakeTick implements LogMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly appendedAt: number;
  readonly key: Buffer | null;
  readonly headers: LogMessage["headers"];
  readonly rows?: EventRows;
  readonly #makeValue: () => object;
  #value: Buffer | null = null;

  constructor(head: Omit<LogMessage, "value">, makeValue: () => object) {
    this.topic = head.topic;
    this.partition = head.partition;
    this.offset = head.offset;
    this.appendedAt = head.appendedAt;
    this.key = head.key;
    this.headers = head.headers;
    this.rows = head.rows;
    this.#makeValue = makeValue;
  }

  get value(): Buffer {
    return (this.#value ??= toBytes(this.#makeValue()));
  }
}

function toBytes(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function tickOf(fields: FileFields, parts: readonly RowsOfGroup[]): object {
  const rows = parts.flatMap(({ group, from, to }) =>
    Array.from({ length: to - from }, (_, at) => group.rowAt(from + at)),
  );
  const [{ v, game, match_id: matchId, room_id: roomId, mode, tick, at, message_extra: messageExtra }] = rows;
  const events = rows.map((event) => ({
    i: event.idx,
    ...(event.kind != null && { kind: event.kind }),
    ...fieldsOf(fields, eventKey(String(game), String(event.kind ?? "")), event),
  }));
  const head = { v, game, matchId, roomId, mode, tick: Number(tick), at: (at as Date).getTime() };
  return { ...head, ...extraOf(messageExtra), events };
}

function eventOf(fields: FileFields, row: Row): Record<string, unknown> {
  return { at: (row.at as Date).getTime(), ...fieldsOf(fields, eventKey("", ""), row) };
}

function fieldsOf(table: FileFields, key: string, row: Row): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [field, { position, nullable }] of table.fieldPositions.get(key) ?? []) {
    const { name, type } = table.fields[position];
    const value = fromColumn(type, row[name]);
    if (value !== null || nullable) fields[field] = value;
  }
  return { ...fields, ...extraOf(row.extra) };
}

function extraOf(json: unknown): object {
  return json == null ? {} : JSON.parse(json as string);
}
