/** Columns that are filled from the files of the lake, compared with what `decodeMessage` reads from the JSON. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { arena } from "../../../../src/arena/game.ts";
import { int } from "../../../../src/game/events.ts";
import type { EventSource } from "../../../../src/pipeline/events/RecordLayout.ts";
import type { LogMessage } from "../../../../src/pipeline/log/EventLog.ts";
import { ColumnDecoder } from "../../../../src/pipeline/sinks/columns/ColumnDecoder.ts";
import { EventCatalogue } from "../../../../src/pipeline/sinks/eventCatalogue.ts";
import { keyOf } from "../../../../src/pipeline/sinks/lake/lakeKeys.ts";
import { lakeTable } from "../../../../src/pipeline/sinks/lake/lakeTables.ts";
import { ParquetFile } from "../../../../src/pipeline/sinks/lake/ParquetFile.ts";
import { RowWriter, type Storable } from "../../../../src/pipeline/sinks/lake/RowWriter.ts";
import { readMessages } from "../../../../src/pipeline/sinks/lake/readLake.ts";
import { DirectoryStore } from "../../../../src/platform/objectStore/DirectoryStore.ts";
import type { ObjectStore } from "../../../../src/platform/objectStore/ObjectStore.ts";
import { filesIn, LakeLog, lake, withSeq } from "../lakeUnderTest.ts";
import { NOON_MS, uuidV7 } from "../matches.ts";
import { decodeAlike, type Event, hit, messageOf, small, type Written, written } from "./columnTicks.ts";

const { tool: _, ...withoutTool } = hit.fields;
/** Builds that read the files, which the first one has written. */
const builds: Readonly<Record<string, EventSource>> = {
  "the same": small,
  "one with another field that has a default": {
    ...small,
    events: { ...small.events, hit: { ...hit, fields: { ...hit.fields, later: int(0, 9).default(4) } } },
  },
  "one without a field": { ...small, events: { ...small.events, hit: { ...hit, fields: withoutTool } } },
  "one with a retyped field": {
    ...small,
    events: { ...small.events, hit: { ...hit, fields: { ...hit.fields, tool: int(0, 9) } } },
  },
  "one that has raised the version": {
    ...small,
    events: { ...small.events, hit: { ...hit, version: 2, readers: { 1: (event) => event } } },
  },
};

/** What other builds may have written into a message: the field, and its value; undefined if it is missing. */
const changes: fc.Arbitrary<readonly [string, unknown]> = fc.constantFrom(
  ...([
    ["combo", undefined],
    ["helper", undefined],
    ["unknown", { a: [1] }],
    ["tool", "axe"],
    ["jump", undefined],
    ["by", "é"],
    ["kind", "hash"],
  ] as const),
);
const changed = fc.record({ one: written, change: fc.option(changes), ofMessage: fc.boolean(), at: fc.nat(4) });
type Changed = typeof changed extends fc.Arbitrary<infer T> ? T : never;

function toMessage({ one, change, ofMessage, at }: Changed): { topic: string; message: LogMessage } {
  const value = structuredClone(one.value) as Event & Written["value"];
  if (change !== null) {
    const target: Event = ofMessage ? value : value.events[at % value.events.length];
    const [field, to] = change;
    if (to === undefined) delete target[field];
    else target[field] = to;
  }
  return { topic: one.topic, message: messageOf(one, JSON.stringify(value)) };
}

async function store(objects: ObjectStore, all: readonly Changed[]): Promise<string[]> {
  const logs = new Map<string, LakeLog>();
  for (const [at, { topic, message }] of all.map(toMessage).entries()) {
    const log = logs.get(topic) ?? new LakeLog(topic);
    logs.set(topic, log);
    log.add(withSeq(message, at + 1));
  }
  for (const log of logs.values()) await log.deliverAll(lake(objects, {}, [arena, small]));
  return [...logs.keys()];
}

describe("columns of events in the lake", () => {
  const directory = mkdtempSync(path.join(tmpdir(), "hypogeum-rows-"));
  let stores = 0;
  const newStore = () =>
    new DirectoryStore({ directory: path.join(directory, String(stores++)), variable: "DATA_DIR" });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it("have the values that decodeMessage reads from the JSON, whichever build reads them", async () => {
    const seen = { columns: 0, tick: 0, rejected: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(changed, { minLength: 10, maxLength: 60 }), async (all) => {
        const objects = newStore();
        const topics = await store(objects, all);
        for (const build of Object.values(builds)) {
          const catalogue = new EventCatalogue([arena, build]);
          for (const topic of topics) {
            const messages = (await filesIn(objects, topic, catalogue)).flatMap((file) => file.messages);
            for (const { type } of decodeAlike(messages, catalogue)) seen[type as keyof typeof seen]++;
          }
        }
      }),
      { numRuns: 20 },
    );
    for (const [type, count] of Object.entries(seen)) assert.ok(count > 10, `${type}: ${JSON.stringify(seen)}`);
  });

  it("are filled without JSON", async () => {
    const catalogue = new EventCatalogue([arena, small]);
    const all = fc.sample(written, 200).map((one) => ({ one, change: null, ofMessage: false, at: 0 }));
    const objects = newStore();
    for (const topic of await store(objects, all)) {
      const decoder = new ColumnDecoder(catalogue);
      const decode = decoder.startBatch();
      for (const message of (await filesIn(objects, topic)).flatMap((file) => file.messages)) {
        Object.defineProperty(message, "value", { get: () => assert.fail("JSON was made") });
        assert.notEqual(decoder.readHead(message), null);
        assert.equal(decode(message).type, "columns");
      }
    }
  });

  it("contain all events of a message that continues in the next row group", async () => {
    const catalogue = new EventCatalogue([small]);
    const table = lakeTable("logs_ping", catalogue);
    const file = new ParquetFile(table.columns);
    const writer = new RowWriter(table);
    /** Each has its own row groups, except the first. */
    const parts = [
      [0n, 0],
      [1n, 0],
      [1n, 1],
      [1n, 2],
      [2n, 0],
    ] as const;
    const rowGroupFull = 2 ** 24;
    for (const [offset, i] of parts) {
      const value = { v: 1, game: "small", matchId: uuidV7(NOON_MS, 1), roomId: "r1", mode: "duel" };
      const one = { topic: "logs_ping", value: { ...value, tick: Number(offset), at: NOON_MS, events: [{ i }] } };
      const decoded = new ColumnDecoder(catalogue).startBatch()({ ...messageOf(one), offset });
      assert.equal(decoded.type, "columns");
      writer.write(decoded as Storable, file.columns);
      file.onRowsAdded(offset === 0n ? 1 : rowGroupFull);
    }
    const bytes = file.finish({});
    const place = { topic: "logs_ping", partition: 0, hour: 0, firstOffset: 0n };
    const stored = { ...place, key: keyOf(place), size: bytes.length };
    const objects = newStore();
    await objects.putNew(stored.key, bytes);
    const messages: LogMessage[] = [];
    for await (const message of readMessages(objects, stored, table)) messages.push(message);
    const events = decodeAlike(messages, catalogue).map((one) => (one.type === "columns" ? one.to - one.from : one));
    assert.deepEqual(events, [1, 3, 1]);
    assert.deepEqual(
      messages.map(({ offset, rows }) => [offset, rows?.length]),
      [
        [0n, 1],
        [1n, undefined],
        [2n, 1],
      ],
    );
  });
});
