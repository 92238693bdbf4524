/** Writes rows as a row group: like `ParquetWriter.write`, but columns whose encoding is known are not examined again. */
import type { ColumnChunk, Encoding, SchemaTree } from "hyparquet";
import type { ParquetWriter } from "hyparquet-writer";
import { writeColumn } from "hyparquet-writer/src/column.js";
import { writeDataPageV2 } from "hyparquet-writer/src/datapage.js";
import { writeDictionaryPage } from "hyparquet-writer/src/dictionary.js";
import { encodeNestedValues } from "hyparquet-writer/src/dremel.js";
import { schemaPathResolver } from "hyparquet-writer/src/schema.js";
import type { ColumnEncoder } from "hyparquet-writer/src/types.js";
import type { ColumnRows, EncodedRows } from "./ColumnRows.ts";

const PAGE_BYTES = 2 ** 20;

/** @param columns in the order of the schema, with at least one row */
export function writeRowGroup(parquet: ParquetWriter, columns: readonly (readonly [string, ColumnRows])[]): void {
  const { writer } = parquet;
  const from = writer.offset;
  const pathOf = schemaPathResolver(parquet.schema);
  const chunks = columns.flatMap(([name, rows]) => {
    const encoded = rows.encode();
    const leaves = leavesOf(pathOf([name]));
    if (!Array.isArray(encoded)) return [writeChunk(parquet, encoderOf(parquet, leaves[0]), encoded)];
    return leaves.map((path) => writeValues(parquet, path, encoded));
  });
  const rows = BigInt(columns[0][1].length);
  parquet.num_rows += rows;
  parquet.row_groups.push({
    columns: chunks,
    total_byte_size: chunks.reduce((sum, { meta_data }) => sum + meta_data!.total_uncompressed_size, 0n),
    num_rows: rows,
    total_compressed_size: BigInt(writer.offset - from),
  });
}

function leavesOf(path: readonly SchemaTree[]): SchemaTree[][] {
  const { children } = path.at(-1)!;
  return children.length === 0 ? [[...path]] : children.flatMap((child) => leavesOf([...path, child]));
}

function encoderOf(parquet: ParquetWriter, path: readonly SchemaTree[]): ColumnEncoder {
  const { codec, compressors, statistics, statisticsTruncateLength } = parquet;
  const schemaPath = path.map(({ element }) => element);
  return {
    columnName: schemaPath
      .slice(1)
      .map(({ name }) => name)
      .join("."),
    element: schemaPath.at(-1)!,
    ...{ schemaPath, codec, compressors, stats: statistics, statisticsTruncateLength },
    ...{ pageSize: PAGE_BYTES, columnIndex: false, offsetIndex: true },
  };
}

function writeValues(parquet: ParquetWriter, path: SchemaTree[], values: unknown[]): ColumnChunk {
  const pageData = encodeNestedValues(path, values);
  const written = writeColumn({ writer: parquet.writer, column: encoderOf(parquet, path), pageData });
  parquet.pendingIndexes.push(written);
  return written.chunk;
}

/** Writes a column without nesting in one page. */
function writeChunk({ writer }: ParquetWriter, column: ColumnEncoder, rows: EncodedRows): ColumnChunk {
  const { dictionary, values, nulls, min, max } = rows;
  const isRequired = column.element.repetition_type === "REQUIRED";
  if (isRequired && nulls > 0) throw new Error(`column ${column.columnName} has no value in ${nulls} rows`);
  const from = writer.offset;
  const dictionaryBytes = dictionary === null ? 0 : writeDictionaryPage(writer, column, dictionary);
  const dataFrom = writer.offset;
  const encoding: Encoding = dictionary === null ? "PLAIN" : "RLE_DICTIONARY";
  const pageData = {
    values,
    definitionLevels: isRequired ? [] : rows.definitionLevels,
    repetitionLevels: [],
    maxDefinitionLevel: isRequired ? 0 : 1,
  };
  const dataBytes = writeDataPageV2({ writer, column, encoding, pageData });
  const dictionaryStats = { page_type: "DICTIONARY_PAGE", encoding: "PLAIN", count: 1 } as const;
  const dataStats = { page_type: "DATA_PAGE_V2", encoding, count: 1 } as const;
  return {
    meta_data: {
      type: column.element.type!,
      encodings: dictionary === null ? ["PLAIN"] : ["PLAIN", "RLE_DICTIONARY"],
      path_in_schema: [column.element.name],
      codec: column.codec,
      num_values: BigInt(values.length + nulls),
      total_compressed_size: BigInt(writer.offset - from),
      total_uncompressed_size: BigInt(dictionaryBytes + dataBytes),
      data_page_offset: BigInt(dataFrom),
      dictionary_page_offset: dictionary === null ? undefined : BigInt(from),
      statistics: { min_value: min, max_value: max, null_count: BigInt(nulls) },
      encoding_stats: dictionary === null ? [dataStats] : [dictionaryStats, dataStats],
    },
    file_offset: BigInt(from),
  };
}
