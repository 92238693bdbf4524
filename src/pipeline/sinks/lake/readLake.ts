/** Reads the lake's files, as rows or as the messages that were stored. Keeps one row group at a time in memory. */
import { zstdDecompressSync } from "node:zlib";
import { type FileMetaData, parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";
import type { ObjectEntry, ObjectStore } from "../../../platform/objectStore/ObjectStore.ts";
import type { LogMessage } from "../../log/EventLog.ts";
import { fromColumn } from "./columnTypes.ts";
import { type FileFields, fieldsFromJson, fieldsInSchema } from "./fileFields.ts";
import { asyncBuffer, METADATA_KEYS, type StoredFile } from "./lakeFiles.ts";
import { eventKey, type LakeTable } from "./lakeTables.ts";

export type Row = Readonly<Record<string, unknown>>;

const compressors = { ZSTD: (bytes: Uint8Array) => zstdDecompressSync(bytes) };

/** Selects row groups that may contain a value from `min` to `max`, according to the statistics of `column`. */
interface RowGroupFilter {
  readonly column: string;
  readonly min: string;
  readonly max: string;
}

/**
 * Yields the rows of the file in its order, one list per row group. Columns that the file does not have are left out.
 * Row groups that cannot match `filter` are not read. The others may also contain rows that do not match.
 */
export async function* readRowGroups(
  objects: ObjectStore,
  entry: ObjectEntry,
  columns?: readonly string[],
  filter?: RowGroupFilter,
): AsyncGenerator<Row[]> {
  yield* rowGroupsOf(await openFile(objects, entry), columns, filter);
}

interface OpenFile {
  readonly file: ReturnType<typeof asyncBuffer>;
  readonly metadata: FileMetaData;
}

async function openFile(objects: ObjectStore, { key, size }: ObjectEntry): Promise<OpenFile> {
  const file = asyncBuffer(objects, key, size);
  return { file, metadata: await parquetMetadataAsync(file) };
}

async function* rowGroupsOf(
  { file, metadata }: OpenFile,
  columns?: readonly string[],
  filter?: RowGroupFilter,
): AsyncGenerator<Row[]> {
  const present = new Set(parquetSchema(metadata).children.map(({ element }) => element.name));
  let rowStart = 0;
  for (const [index, group] of metadata.row_groups.entries()) {
    const rowEnd = rowStart + Number(group.num_rows);
    if (filter === undefined || mayContain(metadata, index, filter)) {
      const wanted = columns?.filter((column) => present.has(column));
      yield (await parquetReadObjects({ file, metadata, columns: wanted, rowStart, rowEnd, compressors })) as Row[];
    }
    rowStart = rowEnd;
  }
}

function mayContain({ row_groups }: FileMetaData, index: number, { column, min, max }: RowGroupFilter): boolean {
  const chunk = row_groups[index].columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === column);
  const { min_value, max_value } = chunk?.meta_data?.statistics ?? {};
  if (typeof min_value !== "string" || typeof max_value !== "string") return true;
  return min_value <= max && max_value >= min;
}

/**
 * Yields the messages of the file by offset, as the log delivered them, except that their JSON fields may be in another order, and
 * that the sink has added defaults and converted older versions. They have the version of the build that wrote the file.
 * `filter` as for `readRowGroups`; then a message that has rows in several row groups may be incomplete.
 */
export async function* readMessages(
  objects: ObjectStore,
  file: StoredFile,
  table: LakeTable,
  filter?: RowGroupFilter,
): AsyncGenerator<LogMessage> {
  const open = await openFile(objects, file);
  const fields = fieldsOfFile(open, table);
  let rows: Row[] = [];
  for await (const group of rowGroupsOf(open, undefined, filter)) {
    for (const row of group) {
      if (rows.length > 0 && rows[0].log_offset !== row.log_offset) {
        yield rebuildMessage(file, table.rows, fields, rows);
        rows = [];
      }
      rows.push(row);
    }
  }
  if (rows.length > 0) yield rebuildMessage(file, table.rows, fields, rows);
}

function fieldsOfFile({ metadata }: OpenFile, table: LakeTable): FileFields {
  const stored = metadata.key_value_metadata?.find(({ key }) => key === METADATA_KEYS.fields)?.value;
  return stored === undefined ? fieldsInSchema(table, metadata.schema) : fieldsFromJson(stored);
}

function rebuildMessage(
  { topic, partition }: StoredFile,
  kind: LakeTable["rows"],
  fields: FileFields,
  rows: readonly Row[],
): LogMessage {
  const [row] = rows;
  const { id, key, value } = kind === "tick" ? rebuildTick(topic, fields, rows) : rebuildSingleEvent(fields, row);
  const seq = row.outbox_id == null ? null : `${row.outbox_id}:${row.record_number}`;
  return {
    topic,
    partition,
    offset: row.log_offset as bigint,
    appendedAt: (row.appended_at as Date).getTime(),
    key: Buffer.from(key),
    headers: seq === null ? { id } : { id, seq },
    value: Buffer.from(JSON.stringify(value)),
  };
}

interface RebuiltMessage {
  readonly id: string;
  readonly key: string;
  readonly value: object;
}

function rebuildTick(topic: string, table: FileFields, rows: readonly Row[]): RebuiltMessage {
  const [row] = rows;
  const { v, game, match_id, room_id, mode } = row;
  const tick = Number(row.tick);
  const events = rows.map((event) => ({
    i: event.idx,
    ...(event.kind != null && { kind: event.kind }),
    ...fieldsOf(table, eventKey(String(game), String(event.kind ?? "")), event),
  }));
  return {
    id: `${match_id}:${tick}:${topic}`,
    key: String(match_id),
    value: {
      v,
      game,
      matchId: match_id,
      roomId: room_id,
      mode,
      tick,
      at: (row.at as Date).getTime(),
      ...extraOf(row.message_extra),
      events,
    },
  };
}

function rebuildSingleEvent(table: FileFields, row: Row): RebuiltMessage {
  const value: Record<string, unknown> = {
    at: (row.at as Date).getTime(),
    ...fieldsOf(table, eventKey("", ""), row),
  };
  return { id: String(row.id), key: String(value.player ?? value.process ?? ""), value };
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
