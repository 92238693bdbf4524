/** A message that is decoded into columns, compared with the same message whose JSON has white space, which is decoded into objects. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { arena } from "../../../src/arena/game.ts";
import { type GameEvent, int, name, optionalSeat, seat, seats } from "../../../src/game/events.ts";
import type { EventSource } from "../../../src/pipeline/events/RecordLayout.ts";
import { asyncBuffer, listFiles } from "../../../src/pipeline/sinks/lake/lakeFiles.ts";
import { DirectoryStore } from "../../../src/platform/objectStore/DirectoryStore.ts";
import { LakeLog, lake, withSeq } from "./lakeUnderTest.ts";
import { NOON_MS, tickMessage, uuidV7 } from "./matches.ts";

const event = (fields: GameEvent["fields"]): GameEvent => ({ topic: "hit", shed: "never", toClients: false, fields });
const game = (of: string, fields: GameEvent["fields"]): EventSource => ({
  name: of,
  inputFields: [{ name: "aim", min: -180, max: 180 }],
  events: { hit: event(fields) },
});
const one = game("one", { by: seat(), target: optionalSeat(), harm: int(-9, 70_000), seen: seats() });
/** `mode` is the name of a column of the message, so it has none of its own. */
const other = game("other", {
  by: seat(),
  tool: name(["hand", "stick"]),
  mode: int(0, 9),
  vast: int(-2_000_000_000, 9),
});
const games = [arena, one, other];

const players = ["p1", "p2", "p3", "019c235f-b200-7000-8000-000000000001"];
const playerOf = (number: number) => players[number % players.length];

function eventsOf(of: string, topic: string, tick: number): object[] {
  return Array.from({ length: 1 + (tick % 9) }, (_, at) => {
    const by = playerOf(tick + at);
    const target = at % 3 === 0 ? null : playerOf(at);
    if (topic === "logs_input")
      return { kind: "frame", seat: at, aim: at - tick, rewindTicks: tick % 2 === 0 ? at : 2 ** 29 + tick };
    if (topic === "logs_move") return { player: by, x: 1000 * at + tick, y: (tick * 7919) % 65_536, aim: 5 };
    if (of === "one")
      return { by, target, harm: at % 2 === 0 ? -(tick % 10) : 60_000 + tick, seen: players.slice(0, at % 3) };
    return { by, tool: at % 2 === 0 ? "hand" : "stick", mode: at, vast: -1_000_000 * tick - at };
  });
}

/** @param spaced whether the JSON has white space */
function logOf(topic: string, names: readonly string[], ticks: number, spaced: (tick: number) => boolean): LakeLog {
  const log = new LakeLog(topic);
  for (let tick = 0; tick < ticks; tick++) {
    const of = names[tick % names.length];
    const events = eventsOf(of, topic, tick) as never;
    const match = { matchId: uuidV7(NOON_MS, tick % 5), mode: "duel", topic, tick, at: NOON_MS + tick * 50, events };
    const message = tickMessage(match, of);
    const value = spaced(tick) ? JSON.stringify(JSON.parse(String(message.value)), null, 1) : message.value;
    log.add(withSeq({ ...message, value }, tick + 1), NOON_MS + tick * 20);
  }
  return log;
}

describe("the lake sink, messages in columns", function () {
  this.timeout(240_000);
  let directory: string;
  let objects: DirectoryStore;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "hypogeum-lake-"));
    objects = new DirectoryStore({ directory, variable: "DATA_DIR" });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** The rows of the file that stores the log, and the statistics of its columns. */
  async function store(log: LakeLog) {
    const handler = lake(objects, {}, games);
    await log.deliverAll(handler, () => 50);
    for await (const { key, size } of listFiles(objects, log.topic)) {
      const file = asyncBuffer(objects, key, size);
      const metadata = await parquetMetadataAsync(file);
      const compressors = { ZSTD: (bytes: Uint8Array) => zstdDecompressSync(bytes) };
      const rows = await parquetReadObjects({ file, metadata, compressors });
      const columns = metadata.row_groups.flatMap(({ columns }) => columns.map(({ meta_data }) => meta_data!));
      const statistics = columns.map(({ path_in_schema, num_values, statistics }) => {
        const { min_value, max_value, null_count } = statistics ?? {};
        return { path_in_schema, num_values, min_value, max_value, null_count };
      });
      await objects.remove(key);
      return { rows, statistics };
    }
    throw new Error("the sink stored no file");
  }

  const never = () => false;
  const always = () => true;
  const sometimes = (tick: number) => tick % 3 === 0;
  for (const [topic, names] of [
    ["logs_move", ["arena"]],
    ["logs_input", ["one", "other"]],
    ["logs_hit", ["one", "other"]],
    ["logs_hit", ["one"]],
  ] as const) {
    for (const ticks of [1, 40, 400])
      it(`stores the same rows and statistics in ${topic} of ${names.join(" and ")}, ${ticks} messages`, async () => {
        const expected = await store(logOf(topic, names, ticks, always));
        assert.deepEqual(await store(logOf(topic, names, ticks, never)), expected);
        assert.deepEqual(await store(logOf(topic, names, ticks, sometimes)), expected);
      });
  }
});
