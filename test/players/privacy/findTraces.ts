/** Searches everything that the program stores for texts that only a few locations may contain, or none. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { Redis } from "ioredis";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import { createClient } from "../../../src/pipeline/kafka/kafkajs/client.ts";
import { readRowGroups } from "../../../src/pipeline/sinks/lake/readLake.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { openObjectStore } from "../../../src/platform/objectStore/openObjectStore.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { Ledger, storingHandler } from "../../pipeline/log/Ledger.ts";

export interface Stores {
  /** The environment of the program, which names Kafka, Redis and S3. */
  readonly env: Readonly<Record<string, string>>;
  /** Databases by name. */
  readonly databases: Readonly<Record<string, Sql>>;
  readonly dataDir: string;
}

/** The counts show that an empty result does not come from an empty store. */
export interface Searched {
  /**
   * Locations that contain the text, sorted: `sql SCHEMA.TABLE`, `topic NAME`, `redis KEY`, `object KEY`, `file PATH`. By text.
   */
  readonly found: Readonly<Record<string, readonly string[]>>;
  readonly searched: { rows: number; messages: number; keys: number; objects: number; files: number };
}

export async function findTraces(stores: Stores, texts: readonly string[]): Promise<Searched> {
  const found = new Map(texts.map((text) => [text, new Set<string>()]));
  const searched = { rows: 0, messages: 0, keys: 0, objects: 0, files: 0 };
  const search = (location: string, ...contents: (string | Uint8Array | null)[]) => {
    for (const content of contents) {
      const plain = (
        typeof content === "string" ? content : Buffer.from(content ?? []).toString("latin1")
      ).toLowerCase();
      for (const text of texts) if (plain.includes(text.toLowerCase())) found.get(text)!.add(location);
    }
  };
  for (const [name, sql] of Object.entries(stores.databases)) await searchTables(name, sql, search, searched);
  await searchTopics(stores.env, search, searched);
  await searchRedis(stores.env.REDIS_URL, search, searched);
  await searchObjects(stores.env, search, searched);
  searchFiles(stores.dataDir, search, searched);
  return { found: Object.fromEntries([...found].map(([text, locations]) => [text, [...locations].sort()])), searched };
}

type Search = (location: string, ...contents: (string | Uint8Array | null)[]) => void;

async function searchTables(name: string, sql: Sql, search: Search, searched: Searched["searched"]): Promise<void> {
  const { rows: tables } = await sql.query<{ t: string }>(
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as t from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  for (const { t } of tables) {
    const { rows } = await sql.query<{ text: string }>(`select x::text as text from ${t} x`);
    searched.rows += rows.length;
    for (const { text } of rows) search(`${name} ${t}`, text);
  }
}

async function searchTopics(env: Stores["env"], search: Search, searched: Searched["searched"]): Promise<void> {
  const config = kafkaConfig(env)!;
  const admin = createClient(config, silent).admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(config.namespace));
  const names = topics.map((topic) => topic.slice(config.namespace.length));
  // The program keeps writing: only what was there when the search started is read.
  const ends: [string, bigint][] = [];
  for (const name of names)
    for (const { partition, high } of await admin.fetchTopicOffsets(config.namespace + name))
      if (high !== "0") ends.push([`${name}/${partition}`, BigInt(high)]);
  await admin.disconnect();
  const log = new KafkaLog(config, silent);
  const ledger = new Ledger();
  await log.consume(`search-${Date.now()}`, names, storingHandler(ledger));
  await ledger.until(() => ends.every(([partition, end]) => (ledger.offsets.get(partition) ?? 0n) >= end));
  await log.close();
  for (const { topic, key, headers, value } of ledger.effects) {
    searched.messages++;
    search(`topic ${topic}`, key, value, JSON.stringify(headers));
  }
}

async function searchRedis(url: string, search: Search, searched: Searched["searched"]): Promise<void> {
  const redis = new Redis(url);
  try {
    for await (const keys of redis.scanStream({ count: 1000 }) as AsyncIterable<string[]>) {
      for (const key of keys) {
        searched.keys++;
        search(`redis ${key}`, key, JSON.stringify(await storedAt(redis, key)));
      }
    }
  } finally {
    redis.disconnect();
  }
}

async function storedAt(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key);
  if (type === "string") return redis.get(key);
  if (type === "hash") return redis.hgetall(key);
  if (type === "list") return redis.lrange(key, 0, -1);
  if (type === "set") return redis.smembers(key);
  if (type === "zset") return redis.zrange(key, 0, -1, "WITHSCORES");
  if (type === "stream") return redis.xrange(key, "-", "+");
  if (type === "none") return null;
  throw new Error(`${key} is a ${type}, which is not searched`);
}

async function searchObjects(env: Stores["env"], search: Search, searched: Searched["searched"]): Promise<void> {
  const objects = openObjectStore(env, { path: "", variable: "DATA_DIR" });
  try {
    for await (const entry of objects.list("")) {
      const { key } = entry;
      searched.objects++;
      const bytes = (await objects.get(key))!;
      search(`object ${key}`, key, bytes, JSON.stringify((await objects.head(key))?.metadata));
      if (key.endsWith(".gz")) search(`object ${key}`, gunzipSync(bytes));
      if (!key.endsWith(".parquet")) continue;
      for await (const rows of readRowGroups(objects, entry))
        search(
          `object ${key}`,
          JSON.stringify(rows, (_, value) => (typeof value === "bigint" ? `${value}` : value)),
        );
    }
  } finally {
    await objects.close();
  }
}

function searchFiles(directory: string, search: Search, searched: Searched["searched"]): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    searched.files++;
    const file = path.join(entry.parentPath, entry.name);
    search(`file ${path.relative(directory, file)}`, entry.name, readFileSync(file));
  }
}
