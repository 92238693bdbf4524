/** Reads the lake's files, as rows or as the messages that were stored. Keeps at most two row groups in memory. */
import { type FileMetaData, parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";
import type { ObjectEntry, ObjectStore } from "../../../platform/objectStore/ObjectStore.ts";
import type { LogMessage } from "../../log/EventLog.ts";
import { type FileFields, fieldsFromJson, fieldsInSchema } from "./fileFields.ts";
import { LakeMessages } from "./LakeMessages.ts";
import { asyncBuffer, METADATA_KEYS, type StoredFile } from "./lakeFiles.ts";
import type { LakeTable } from "./lakeTables.ts";
import { compressors, type OpenFile, type Row, RowGroup, type RowsOfGroup } from "./RowGroup.ts";

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
  const open = await openFile(objects, entry);
  const { file, metadata } = open;
  const present = new Set(parquetSchema(metadata).children.map(({ element }) => element.name));
  const wanted = columns?.filter((column) => present.has(column));
  for (const [rowStart, rowEnd] of rangesOf(metadata, filter))
    yield (await parquetReadObjects({ file, metadata, columns: wanted, rowStart, rowEnd, compressors })) as Row[];
}

async function openFile(objects: ObjectStore, { key, size }: ObjectEntry): Promise<OpenFile> {
  const file = asyncBuffer(objects, key, size);
  return { file, metadata: await parquetMetadataAsync(file) };
}

/** The rows of each row group that may match the filter: from (inclusive), to (exclusive). */
function* rangesOf(metadata: FileMetaData, filter?: RowGroupFilter): Iterable<readonly [number, number]> {
  let rowStart = 0;
  for (const [index, group] of metadata.row_groups.entries()) {
    const rowEnd = rowStart + Number(group.num_rows);
    if (filter === undefined || mayContain(metadata, index, filter)) yield [rowStart, rowEnd];
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
  const messages = new LakeMessages(file, table.rows, fieldsOfFile(open, table));
  for await (const parts of messageParts(open, filter)) yield messages.from(parts);
}

/** Yields the rows of each message: in one part, or in several if they continue in the next row groups. */
async function* messageParts(open: OpenFile, filter?: RowGroupFilter): AsyncGenerator<RowsOfGroup[]> {
  let parts: RowsOfGroup[] = [];
  for (const [rowStart, rowEnd] of rangesOf(open.metadata, filter)) {
    const group = await RowGroup.read(open, rowStart, rowEnd);
    for (const part of group.split("log_offset")) {
      const isContinued = parts.length > 0 && offsetOf(parts[0]) === offsetOf(part);
      if (parts.length > 0 && !isContinued) yield parts;
      parts = isContinued ? [...parts, part] : [part];
    }
  }
  if (parts.length > 0) yield parts;
}

function offsetOf({ group, from }: RowsOfGroup): unknown {
  return group.column("log_offset")[from];
}

function fieldsOfFile({ metadata }: OpenFile, table: LakeTable): FileFields {
  const stored = metadata.key_value_metadata?.find(({ key }) => key === METADATA_KEYS.fields)?.value;
  return stored === undefined ? fieldsInSchema(table, metadata.schema) : fieldsFromJson(stored);
}
