/**
 * Measures how many rows per second the warehouse sink stores, from the log's messages to the commit. The peer is a bare COPY of
 * the same rows into the same table with the same key.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { arena } from "../src/arena/game.ts";
import type { LogBatch, LogMessage } from "../src/pipeline/log/EventLog.ts";
import { EventCatalogue } from "../src/pipeline/sinks/eventCatalogue.ts";
import { warehouseSink } from "../src/pipeline/sinks/warehouse/WarehouseSink.ts";
import { openSql } from "../src/platform/sql/openSql.ts";
import type { Sql } from "../src/platform/sql/Sql.ts";
import { startServices } from "../tools/services/startServices.ts";
import { progress } from "./progress.ts";
import { type Row, rowOf } from "./Row.ts";

export const about = `The peer copies the rows that the sink has stored, as text that is ready-made, with one COPY for each transaction of the
sink. It has one connection, parses and checks nothing, and stores no offset.`;

const NOW_MS = Date.now();
const TICKS = 1_500;
const ATTACKS_A_TICK = 8;
const MATCHES = 10;
const ROWS = TICKS * MATCHES * ATTACKS_A_TICK;
/** As many messages as a fetch of about 1 MB contains. */
const BATCH = 1_000;
/** Sink and peer take turns, because a machine's speed changes from minute to minute. The medians are reported. */
const ROUNDS = 5;
const TABLE = "dw.fact_attack";

function matchId(number: number): string {
  const time = NOW_MS.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number.toString(16).padStart(12, "0")}`;
}

function attack(i: number, tick: number) {
  const player = (at: number) => `player${String(at % 97).padStart(15, "0")}`;
  const target = i % 3 === 0 ? null : player(i + tick + 1);
  return {
    i,
    attacker: player(i + tick),
    target,
    weapon: "bolt",
    damage: 12,
    targetHp: 88,
    x: tick,
    y: i,
    rewindTicks: 2,
  };
}

function message(number: number, partition: number, offset: number): LogMessage {
  const tick = Math.floor(number / MATCHES);
  const id = matchId(number % MATCHES);
  const topic = "logs_attack";
  const events = Array.from({ length: ATTACKS_A_TICK }, (_, i) => attack(i, tick));
  const value = { v: 1, game: "arena", matchId: id, roomId: "room", mode: "ffa", tick, at: NOW_MS + tick * 50, events };
  const headers = { id: `${id}:${tick}:${topic}`, seq: `bench:${number}` };
  const bytes = Buffer.from(JSON.stringify(value));
  return { topic, partition, offset: BigInt(offset), appendedAt: NOW_MS, key: null, headers, value: bytes };
}

/** Returns the batches of all messages, by partition. Each match is in one of `partitions` partitions. */
function batchesOf(partitions: number): LogBatch[][] {
  const messages: LogMessage[][] = Array.from({ length: partitions }, () => []);
  for (let number = 0; number < TICKS * MATCHES; number++) {
    const partition = (number % MATCHES) % partitions;
    messages[partition].push(message(number, partition, messages[partition].length));
  }
  return messages.map((all, partition) => {
    const batches: LogBatch[] = [];
    for (let from = 0; from < all.length; from += BATCH) {
      const to = Math.min(all.length, from + BATCH);
      const offsets = { firstOffset: BigInt(from), nextOffset: BigInt(to), endOffset: BigInt(all.length) };
      batches.push({ topic: "logs_attack", partition, topicId: "bench", ...offsets, messages: all.slice(from, to) });
    }
    return batches;
  });
}

async function clearTables(sql: Sql): Promise<void> {
  await sql.query(`TRUNCATE ${TABLE}, dw.sink_offsets`);
}

/** Resolves to the seconds that the sink takes. Applies partitions concurrently and each in order, as a consumer does. */
async function timeSink(sql: Sql, partitions: readonly LogBatch[][]): Promise<number> {
  const { handler } = warehouseSink({
    sql,
    catalogue: new EventCatalogue([arena]),
    rejects: {
      async publish(rejects) {
        if (rejects.length > 0) throw new Error(`the sink rejected a message: ${rejects[0].detail}`);
      },
    },
    moveTicks: 20,
    retentionDays: null,
    now: () => NOW_MS,
    warn: console.error,
  });
  await handler.onAssigned("logs_attack", 0, "bench");
  await clearTables(sql);
  for (const partition of partitions.keys()) await handler.onAssigned("logs_attack", partition, "bench");
  const startedAt = performance.now();
  await Promise.all(
    partitions.map(async (batches) => {
      for (const batch of batches) await handler.apply(batch);
    }),
  );
  return (performance.now() - startedAt) / 1000;
}

/** Runs `psql` with `script` as its standard input. Resolves to its standard output. */
async function psql(url: string, script: string): Promise<string> {
  const child = spawn("psql", [url, "-v", "ON_ERROR_STOP=1", "-q", "-f", "-"], { stdio: ["pipe", "pipe", "inherit"] });
  const parts: Buffer[] = [];
  child.stdout.on("data", (part) => parts.push(part));
  child.stdin.end(script);
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`psql ended with exit code ${code}`);
  return Buffer.concat(parts).toString();
}

/** Resolves to a script that copies the rows that the sink has stored, with one COPY for each transaction of the sink. */
async function copyScript(sql: Sql): Promise<string> {
  const text = await psql(sql.url, `COPY (SELECT * FROM ${TABLE} ORDER BY tick, match_id, idx) TO STDOUT;`);
  const lines = text.trimEnd().split("\n");
  if (lines.length !== ROWS) throw new Error(`${lines.length} rows are stored, expected ${ROWS}`);
  const size = BATCH * ATTACKS_A_TICK;
  let script = "";
  for (let from = 0; from < lines.length; from += size)
    script += `COPY ${TABLE} FROM STDIN;\n${lines.slice(from, from + size).join("\n")}\n\\.\n`;
  return script;
}

async function timeCopy(sql: Sql, script: string): Promise<number> {
  await clearTables(sql);
  const startedAt = performance.now();
  await psql(sql.url, script);
  return (performance.now() - startedAt) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function measure(sql: Sql, partitions: number): Promise<Row> {
  progress(`${ROWS} rows in ${partitions} partitions, ${ROUNDS} times by the sink and by COPY`);
  const all = batchesOf(partitions);
  // Once to warm up both sides.
  await timeSink(sql, all);
  const script = await copyScript(sql);
  await timeCopy(sql, script);
  const sinks: number[] = [];
  const copies: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    sinks.push(ROWS / (await timeSink(sql, all)));
    copies.push(ROWS / (await timeCopy(sql, script)));
  }
  return rowOf(
    `warehouse sink, partitions at once: ${partitions}`,
    "rows/s",
    median(sinks),
    "bare COPY into the same table, by psql",
    median(copies),
    `${ROWS} attacks, ${BATCH * ATTACKS_A_TICK} rows a transaction; decoding, checking and offsets included`,
    [{ of: "ratio", atLeast: 0.7 }],
  );
}

export async function run(): Promise<Row[]> {
  const services = await startServices(["postgres"]);
  const sql = await openSql({ variable: "WAREHOUSE_URL", url: services.env.DATABASE_URL });
  try {
    return [await measure(sql, 1), await measure(sql, 4)];
  } finally {
    await sql.close();
    await services.stop();
  }
}
