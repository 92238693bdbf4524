/**
 * The memory of the relay while the backlog of an outbox drains to Kafka, and then of the sinks while the same messages drain from
 * Kafka. A backlog is flat in memory if the last third of the work needs about as much as the first.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Admin } from "kafkajs";
import { type KafkaConfig, kafkaConfig } from "../../src/pipeline/kafka/config.ts";
import { createClient } from "../../src/pipeline/kafka/kafkajs/client.ts";
import { readState } from "../../src/pipeline/outbox/drainState.ts";
import { outboxRoot } from "../../src/pipeline/outbox/paths.ts";
import { silent } from "../../src/platform/logging/Logger.ts";
import { PgSql } from "../../src/platform/sql/PgSql.ts";
import { migrate } from "../../src/players/database/migrate.ts";
import type { Cluster } from "../../test/chaos/Cluster.ts";
import { Program } from "../../test/chaos/Program.ts";
import { MATCH_TOPICS } from "../../test/pipeline/relay/TopicReader.ts";
import { uniqueNamespace } from "../../tools/services/startServices.ts";
import { progress } from "../progress.ts";
import { type Row, rowOf } from "../Row.ts";
import { fillBacklog } from "./backlog.ts";
import { type MemoryGrowth, memoryGrowth } from "./memory.ts";
import { BACKLOG_ROOMS, BACKLOG_S, SEATS } from "./sizes.ts";

const PRELOAD = path.join(import.meta.dirname, "sampleMemory.ts");
const MEBIBYTE = 2 ** 20;
/** How much more the last third may need. */
const FLAT = 1.1;
/** The topics of matches that each sink with a store reads. */
const TOPICS_OF: Readonly<Record<string, readonly string[]>> = {
  warehouse: MATCH_TOPICS.filter((topic) => topic !== "logs_input"),
  lake: MATCH_TOPICS,
  results: ["logs_match"],
};

/** Shorter work is measured together with the time after it, so that each third has samples. */
const MEASURE_MS_MIN = 3000;

interface Drained {
  readonly growth: MemoryGrowth;
  readonly seconds: number;
}

/** Uses the services of the cluster, whose programs it kills. */
export async function drainRows(cluster: Cluster): Promise<Row[]> {
  await Promise.all(cluster.programs.map((program) => program.kill()));
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-bench-drain-"));
  const url = await cluster.services.createDatabase();
  const memoryDir = path.join(folder, "memory");
  mkdirSync(memoryDir);
  const env = {
    ...{ ...cluster.env, NAMESPACE: `${uniqueNamespace()}-`, DATABASE_URL: url, WAREHOUSE_URL: url },
    ...{ KAFKA_CLIENT: "kafkajs", BENCH_MEMORY_DIR: memoryDir },
  };
  try {
    progress(`recording ${BACKLOG_S} s of ${BACKLOG_ROOMS * SEATS} players`);
    const backlog = await fillBacklog(path.join(folder, "filled"), BACKLOG_ROOMS, BACKLOG_S);
    const relay = await drainOutbox(env, memoryDir, folder, backlog);
    const sql = new PgSql({ variable: "DATABASE_URL", url });
    await migrate(sql);
    await sql.close();
    const sinks = await drainKafka(env, memoryDir, folder);
    return [rowFor("relay", relay, backlog.events), rowFor("sinks", sinks, backlog.events)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Env = Readonly<Record<string, string>>;

async function startPreloaded(env: Env, role: string, dataDir: string): Promise<Program> {
  mkdirSync(dataDir, { recursive: true });
  return Program.start({ dataDir, env: { ...env, ROLES: role }, nodeArgs: ["--import", PRELOAD] });
}

/** Measures from when the relay can see the outbox to when it has acknowledged the last record. */
async function drainOutbox(
  env: Env,
  memoryDir: string,
  folder: string,
  { id, directory, last }: { readonly id: string; readonly directory: string; readonly last: number },
): Promise<Drained> {
  progress("draining the outbox");
  const dataDir = path.join(folder, "relay");
  mkdirSync(outboxRoot(dataDir), { recursive: true });
  const relay = await startPreloaded(env, "relay", dataDir);
  try {
    const drained = path.join(outboxRoot(dataDir), id);
    const from = Date.now();
    renameSync(directory, drained);
    while ((await readState(drained)).acknowledged < last) await delay(200);
    return await drainedSince(from, memoryDir, relay);
  } finally {
    await relay.stop();
  }
}

/** Measures from the start of the sinks to when their groups have committed the ends of all topics. */
async function drainKafka(env: Env, memoryDir: string, folder: string): Promise<Drained> {
  progress("draining Kafka");
  const config = kafkaConfig(env)!;
  const sinks = await startPreloaded(env, "sinks", path.join(folder, "sinks"));
  try {
    const from = Date.now();
    while (!(await areAtEnd(config).catch(orNotYet))) await delay(500);
    return await drainedSince(from, memoryDir, sinks);
  } finally {
    await sinks.kill();
  }
}

async function drainedSince(from: number, memoryDir: string, { pid }: Program): Promise<Drained> {
  const seconds = (Date.now() - from) / 1000;
  await delay(Math.max(0, from + MEASURE_MS_MIN - Date.now()));
  return { growth: memoryGrowth(memoryDir, pid, from, Date.now()), seconds };
}

/** A broker that is busy with a long backlog may answer that it does not lead a partition. */
function orNotYet(error: Error & { readonly retriable?: boolean }): false {
  if (error.retriable !== true) throw error;
  return false;
}

/** With a new client each time: one that has asked the wrong broker does not ask for the right one. */
async function areAtEnd(config: KafkaConfig): Promise<boolean> {
  const admin = createClient(config, silent).admin();
  await admin.connect();
  try {
    return await isAtEnd(admin, config);
  } finally {
    await admin.disconnect();
  }
}

async function isAtEnd(admin: Admin, { namespace }: KafkaConfig): Promise<boolean> {
  for (const [group, topics] of Object.entries(TOPICS_OF)) {
    const names = topics.map((topic) => namespace + topic);
    const committed = await admin.fetchOffsets({ groupId: namespace + group, topics: names });
    for (const { topic, partitions } of committed) {
      const offsets = new Map(partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        if (BigInt(high) > 0n && (offsets.get(partition) ?? -1n) < BigInt(high)) return false;
      }
    }
  }
  return true;
}

function rowFor(what: string, { growth, seconds }: Drained, events: number): Row {
  const { firstThird, lastThird, rssMax } = growth;
  const inMiB = (bytes: number) => (bytes / MEBIBYTE).toFixed(0);
  const heaps = `heaps and buffers of all threads ${inMiB(firstThird.heap)} and ${inMiB(lastThird.heap)} MiB`;
  return rowOf(
    `memory of the ${what} process in the last third of a backlog`,
    "MiB",
    lastThird.rss / MEBIBYTE,
    "in its first third",
    firstThird.rss / MEBIBYTE,
    `resident, at most ${inMiB(rssMax)} MiB; ${heaps}; ${BACKLOG_S} s of ${BACKLOG_ROOMS * SEATS} players, ${events} events, drained in ${seconds.toFixed(0)} s`,
    [{ of: "ratio", atMost: FLAT }],
  );
}
