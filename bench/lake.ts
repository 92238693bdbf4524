/**
 * The lake sink: events per second from log messages to closed Parquet files, with moves of full matches. The peers, in the same
 * run, are the same events as gzipped JSON lines, and DuckDB's writer with the rows already in memory.
 */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { arena } from "../src/arena/game.ts";
import type { LogMessage } from "../src/pipeline/log/EventLog.ts";
import { EventCatalogue } from "../src/pipeline/sinks/eventCatalogue.ts";
import { lakeSink } from "../src/pipeline/sinks/lake/LakeSink.ts";
import { DirectoryStore } from "../src/platform/objectStore/DirectoryStore.ts";
import { progress } from "./progress.ts";
import { type Goal, type Row, rowOf } from "./Row.ts";

export const about = `The sink reads JSON messages of moves, checks them and writes them to files in a directory. Per core means per second of CPU
time of the whole process, with what garbage collection and compression use on other threads. The faster of all rounds counts on each side.`;

const MATCHES = 60;
const PLAYERS = 16;
const TICKS = 600;
const BATCH_MESSAGES = 500;
const ROUNDS = 3;
const TOPIC = "logs_move";
const START_MS = Date.UTC(2026, 1, 3, 12);

/** Every player of every match moves in every tick: small steps, with a change of direction now and then. */
function moves(): LogMessage[] {
  const messages: LogMessage[] = [];
  let seed = 1;
  const random = (below: number) => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % below;
  const idOf = (number: number) => `019c235f-b200-7000-8000-${number.toString(16).padStart(12, "0")}`;
  const bodies = Array.from({ length: MATCHES * PLAYERS }, (_, number) => ({
    player: idOf(number + 100_000),
    x: random(65_536),
    y: random(65_536),
    aim: random(65_536),
  }));
  for (let tick = 1; tick <= TICKS; tick++) {
    for (let match = 0; match < MATCHES; match++) {
      const events = bodies.slice(match * PLAYERS, (match + 1) * PLAYERS).map((body, i) => {
        body.x = Math.max(0, Math.min(65_535, body.x + random(240) - 120));
        body.y = Math.max(0, Math.min(65_535, body.y + random(240) - 120));
        if (random(3) === 0) body.aim = (body.aim + random(2_000)) & 65_535;
        return { i, ...body };
      });
      const matchId = idOf(match);
      const at = START_MS + tick * 50;
      const value = { v: 1, game: "arena", matchId, roomId: `room${match}`, mode: "ffa", tick, at, events };
      messages.push({
        topic: TOPIC,
        partition: 0,
        offset: BigInt(messages.length),
        appendedAt: at,
        key: Buffer.from(matchId),
        headers: { id: `${matchId}:${tick}:${TOPIC}`, seq: `outbox:${messages.length}` },
        value: Buffer.from(JSON.stringify(value)),
      });
    }
  }
  return messages;
}

interface Measured {
  readonly eventsPerSecond: number;
  readonly eventsPerCpuSecond: number;
  readonly bytesPerEvent: number;
}

/** Runs `round` several times. Returns the fastest time and the size of the files of the last round. */
async function measureBest(events: number, round: (folder: string) => Promise<void>): Promise<Measured> {
  let [seconds, cpuSeconds, bytes] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
  for (let at = 0; at < ROUNDS; at++) {
    const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-bench-"));
    globalThis.gc?.();
    const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()];
    await round(folder);
    seconds = Math.min(seconds, (performance.now() - startedAt) / 1000);
    const { user, system } = process.cpuUsage(cpuBefore);
    cpuSeconds = Math.min(cpuSeconds, (user + system) / 1e6);
    bytes = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
      .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);
    rmSync(folder, { recursive: true });
  }
  return {
    eventsPerSecond: events / seconds,
    eventsPerCpuSecond: events / cpuSeconds,
    bytesPerEvent: bytes / events,
  };
}

async function writeBySink(messages: readonly LogMessage[], directory: string): Promise<void> {
  const { handler } = lakeSink({
    // No file is deleted, so the log is not read.
    log: { consume: () => Promise.reject(new Error("not implemented")), problem: () => null },
    objects: new DirectoryStore({ directory, variable: "DATA_DIR" }),
    catalogue: new EventCatalogue([arena]),
    rejects: { publish: async () => {} },
    now: () => START_MS,
    warn: () => {},
    retentionDays: null,
  });
  const common = { topic: TOPIC, partition: 0, topicId: "bench", endOffset: BigInt(messages.length) };
  await handler.onAssigned(TOPIC, 0, "bench");
  for (let from = 0; from < messages.length; from += BATCH_MESSAGES) {
    const some = messages.slice(from, from + BATCH_MESSAGES);
    const nextOffset = BigInt(from + some.length);
    await handler.apply({ ...common, firstOffset: BigInt(from), nextOffset, messages: some });
  }
  await handler.onRevoked(TOPIC, 0);
}

function flatten(messages: readonly LogMessage[]): Record<string, unknown>[] {
  return messages.flatMap(({ value }) => {
    const { events, ...message } = JSON.parse(String(value)) as { events: object[] };
    return events.map((event) => ({ ...message, ...event }));
  });
}

/** The least possible work: parse, flatten, serialise, compress. */
async function writeJsonLines(messages: readonly LogMessage[], folder: string): Promise<void> {
  const lines = flatten(messages).map((event) => JSON.stringify(event));
  writeFileSync(path.join(folder, "moves.jsonl.gz"), gzipSync(lines.join("\n")));
}

async function measureDuckDb(messages: readonly LogMessage[], events: number): Promise<Measured> {
  const source = mkdtempSync(path.join(tmpdir(), "hypogeum-bench-"));
  const lines = flatten(messages).map((event) => JSON.stringify(event));
  writeFileSync(path.join(source, "moves.jsonl"), lines.join("\n"));
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const duck = await instance.connect();
  await duck.run(
    `CREATE TABLE moves AS SELECT * FROM read_json('${source}/moves.jsonl', format = 'newline_delimited')`,
  );
  const measured = await measureBest(events, async (folder) => {
    await duck.run(`COPY moves TO '${folder}/moves.parquet' (FORMAT parquet, COMPRESSION zstd)`);
  });
  duck.closeSync();
  instance.closeSync();
  rmSync(source, { recursive: true });
  return measured;
}

export async function run(): Promise<Row[]> {
  progress("making messages");
  const messages = moves();
  const events = MATCHES * PLAYERS * TICKS;
  progress(`${events} moves, ${ROUNDS} times by the sink`);
  const sink = await measureBest(events, (folder) => writeBySink(messages, folder));
  progress("the same as gzipped JSON lines");
  const json = await measureBest(events, (folder) => writeJsonLines(messages, folder));
  progress("the same by DuckDB");
  const duck = await measureDuckDb(messages, events);
  const floor = "gzipped JSON lines, unchecked";
  const writer = "DuckDB's writer, rows in memory";
  const row = (name: string, unit: string, of: keyof Measured, other: [string, Measured], note: string, goal?: Goal) =>
    rowOf(name, unit, sink[of], other[0], other[1][of], note, goal === undefined ? [] : [goal]);
  const rate = ["messages to Parquet, one thread", "events/s", "eventsPerSecond"] as const;
  const perCore = ["messages to Parquet, per core", "events/s", "eventsPerCpuSecond"] as const;
  const size = ["size of a move", "bytes/event", "bytesPerEvent"] as const;
  return [
    row(...rate, [floor, json], ""),
    row(...rate, [writer, duck], "DuckDB parses and checks nothing here, on one thread"),
    row(...perCore, [floor, json], "", { of: "figure", atLeast: 500_000 }),
    row(...size, [floor, json], "with the message's place in the log"),
    row(...size, [writer, duck], "without it"),
  ];
}
