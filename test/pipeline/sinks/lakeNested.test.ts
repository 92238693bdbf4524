/** Fields that are lists, maps and objects: their columns, and what is read from them. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { parquetReadObjects } from "hyparquet";
import * as z from "zod";
import { type ColumnType, fromColumn, toColumn } from "../../../src/pipeline/sinks/lake/columnTypes.ts";
import { columnName, hasAll, lakeTypeOf, widest } from "../../../src/pipeline/sinks/lake/nestedTypes.ts";
import { ParquetFile } from "../../../src/pipeline/sinks/lake/ParquetFile.ts";
import { readRowGroups } from "../../../src/pipeline/sinks/lake/readLake.ts";
import { DirectoryStore } from "../../../src/platform/objectStore/DirectoryStore.ts";
import { copyEarlierLake, earlierMessages } from "./earlierLake.ts";
import { filesIn, LakeLog, lake, toComparable, withSeq } from "./lakeUnderTest.ts";

const point = z.object({ roomX: z.int(), label: z.string().optional() });

describe("the column of a field", () => {
  it("is a list, a map or a struct if its shape is declared, and JSON text otherwise", () => {
    const struct = [
      ["roomX", "room_x", "int64", 0],
      ["label", "label", "text", 0],
    ];
    assert.deepEqual(lakeTypeOf(z.array(point).optional()), { list: { struct } });
    assert.deepEqual(lakeTypeOf(z.record(z.string(), z.int().min(0).max(9)).default({})), { map: "int32" });
    assert.deepEqual(lakeTypeOf(point.nullable()), { struct });
    assert.equal(lakeTypeOf(z.array(z.string())), "texts");
    for (const shapeless of [
      z.unknown(),
      z.array(z.unknown()),
      z.record(z.string(), z.unknown()),
      z.object({}),
      z.object({ aB: z.int(), a_b: z.int() }),
      z.tuple([z.int()]),
    ])
      assert.equal(lakeTypeOf(shapeless), "json");
  });

  it("has another name than the JSON text of earlier builds, because readers cannot combine two types", () => {
    assert.equal(columnName("team_scores", { list: "int64" }), "team_scores_list");
    assert.equal(columnName("counts", { map: "int64" }), "counts_map");
    assert.equal(columnName("place", { struct: [] }), "place_struct");
    assert.equal(columnName("constants", "json"), "constants");
  });

  it("stores the values of each event that has the field", () => {
    const of = (shape: z.ZodObject["shape"]) => lakeTypeOf(z.object(shape));
    assert.deepEqual(widest(of({ a: z.int() }), of({ a: z.number().nullable(), b: z.boolean() })), {
      struct: [
        ["a", "a", "double", 1],
        ["b", "b", "boolean", 0],
      ],
    });
    assert.deepEqual(widest({ list: "int32" }, { list: "int64" }), { list: "int64" });
    for (const [one, other] of [
      [{ list: "text" }, { list: "int32" }],
      [{ list: "text" }, { map: "text" }],
      ["texts", { list: "int32" }],
    ] as [ColumnType, ColumnType][])
      assert.equal(widest(one, other), "json");
  });
});

/** A nested type, and the JSON values of this type. */
const nested = fc.letrec<{ one: { type: ColumnType; values: fc.Arbitrary<unknown> } }>((tie) => ({
  one: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(
      { type: "int32" as const, values: fc.integer() },
      { type: "int64" as const, values: fc.maxSafeInteger() },
      { type: "boolean" as const, values: fc.boolean() },
      { type: "text" as const, values: fc.string() },
      { type: "json" as const, values: fc.record({ deep: fc.array(fc.boolean()) }, { noNullPrototype: true }) },
    ),
    tie("one").map(({ type, values }) => ({ type: { list: type }, values: fc.array(values, { maxLength: 3 }) })),
    tie("one").map(({ type, values }) => {
      const keys = fc.string({ unit: "grapheme-ascii" }).filter((key) => key !== "__proto__");
      return { type: { map: type }, values: fc.dictionary(keys, values, { maxKeys: 3, noNullPrototype: true }) };
    }),
    fc.tuple(tie("one"), tie("one")).map(([first, second]) => ({
      type: { struct: [["firstOf", "first_of", first.type, 1] as const, ["b", "b", second.type, 0] as const] },
      values: fc.record(
        { firstOf: fc.option(first.values), b: second.values },
        { requiredKeys: ["firstOf"], noNullPrototype: true },
      ),
    })),
  ),
}));

describe("a nested column", () => {
  it("returns the values that were stored, in a file", async () => {
    const cases = nested.one.chain(({ type, values }) =>
      fc.tuple(fc.constant(type), fc.array(fc.option(values), { minLength: 1, maxLength: 5 })),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([type, values]) => {
        const parquet = new ParquetFile([{ name: "of", type, required: false }]);
        const stored = values.map((value) => toColumn(type, value));
        for (const value of stored) parquet.columns[0].add(value);
        parquet.onRowsAdded(0);
        const bytes = parquet.finish({});
        const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
        const rows = await parquetReadObjects({ file, compressors: { ZSTD: (part) => zstdDecompressSync(part) } });
        assert.deepEqual(
          rows.map((row) => fromColumn(type, row.of)),
          values,
        );
        for (const [at, value] of values.entries()) assert.ok(hasAll(type, stored[at], value));
      }),
      { numRuns: 150 },
    );
  });

  it("does not have everything of a value with unknown fields, or without a field that can be null", () => {
    const type = lakeTypeOf(z.array(z.object({ a: z.int(), b: z.int().nullable().optional() })));
    for (const [value, expected] of [
      [
        [
          { a: 1, b: null },
          { a: 2, b: 3 },
        ],
        true,
      ],
      [[{ a: 1, b: null, c: 1 }], false],
      [[{ a: 1 }], false],
    ] as const)
      assert.equal(hasAll(type, toColumn(type, value), value), expected);
  });
});

describe("a lake with files of a build without nested columns", () => {
  const directory = mkdtempSync(path.join(tmpdir(), "hypogeum-lake-"));
  const objects = new DirectoryStore({ directory, variable: "DATA_DIR" });
  const logs: LakeLog[] = [];

  before(async () => {
    copyEarlierLake(directory);
    for (const [topic, stored] of Map.groupBy(earlierMessages(), (message) => message.topic)) {
      const log = new LakeLog(topic);
      for (const message of stored) log.add(message);
      // This build stores the same events again, as those of later messages.
      for (const [at, message] of stored.entries()) log.add(withSeq(message, 1000 + at));
      logs.push(log);
    }
    await objects.check();
    for (const log of logs) await log.deliverAll(lake(objects));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it("returns the messages of all files", async () => {
    assert.deepEqual(
      logs.map(({ topic }) => topic),
      ["logs_match", "logs_input", "logs_stats"],
    );
    for (const log of logs) {
      const files = await filesIn(objects, log.topic);
      assert.equal(files.length, 2);
      assert.deepEqual(toComparable(files.flatMap(({ messages }) => messages)), toComparable(log.messages));
    }
  });

  it("has JSON text in the earlier files, and lists and maps in the later ones", async () => {
    const [before, since] = await filesIn(objects, "logs_match");
    const ended = async ({ file }: typeof before) => {
      for await (const rows of readRowGroups(objects, file)) return rows.find(({ kind }) => kind === "ended")!;
      return {};
    };
    const [text, nested] = [await ended(before), await ended(since)];
    assert.deepEqual(JSON.parse(String(text.counts)), fromColumn({ map: "int64" }, nested.counts_map));
    assert.equal((nested.standings_list as { player: string }[])[0].player, "p1");
    assert.deepEqual([nested.counts, nested.extra, text.counts_map], [undefined, null, undefined]);
  });

  it("has nothing but these files in the folders that are read as data sets", () => {
    const names = readdirSync(path.join(directory, "raw"), { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile()).map(({ name }) => name);
    assert.equal(files.length, 6);
    for (const name of files) assert.match(name, /^logs_\w+-0-\d{20}\.parquet$/);
  });
});
