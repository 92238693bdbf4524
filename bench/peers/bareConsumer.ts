/**
 * What a programmer would write for the arena's events without this project: one consumer with kafkajs that parses each message,
 * copies the facts into PostgreSQL, and writes every event to Parquet files with DuckDB. It checks nothing, knows one version of the
 * events, stores offsets apart from rows, and so stores events twice after a crash.
 *
 * Arguments: the settings as JSON, `BareSettings`. On the message "finish", it stores everything that the topics have then, and
 * sends `BareResult`.
 */
import { setTimeout as delay } from "node:timers/promises";
import zlib from "node:zlib";
import kafkajs, { type Admin } from "kafkajs";
import { FactCopies } from "./bareConsumer/FactCopies.ts";
import { ParquetFiles } from "./bareConsumer/ParquetFiles.ts";

export interface BareSettings {
  readonly brokers: readonly string[];
  /** Prefix of topics and of the group. */
  readonly namespace: string;
  /** Without namespace. */
  readonly topics: readonly string[];
  readonly postgresUrl: string;
  readonly moveTicks: number;
  readonly folder: string;
  readonly parquetFlushMs: number;
}

export interface BareResult {
  readonly messages: number;
  /** Of matches. */
  readonly events: number;
}

/** As late as the sinks of the program may be. */
const COPY_EVERY_MS = 500;
const FETCH_WAIT_MS = 1000;
const FETCH_BYTES_MIN = 2 ** 20;
const FETCH_BYTES_MAX = 4 * 2 ** 20;

kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
  compress: async (encoder: { buffer: Buffer }) => zlib.zstdCompressSync(encoder.buffer),
  decompress: async (buffer: Buffer) => zlib.zstdDecompressSync(buffer),
});

const settings = JSON.parse(process.argv[2]) as BareSettings;
const { namespace, topics, moveTicks } = settings;
const kafka = new kafkajs.Kafka({ clientId: "bare", brokers: [...settings.brokers], logLevel: kafkajs.logLevel.ERROR });
const copies = await FactCopies.open(settings.postgresUrl);
const files = await ParquetFiles.open(settings.folder, topics);
/** By topic and partition: the offset after the last message that was read. */
const positions = new Map<string, bigint>();
let messages = 0;
let events = 0;
let copiedAt = performance.now();
let writtenAt = performance.now();

async function storeIfDue(): Promise<void> {
  const now = performance.now();
  if (now - copiedAt >= COPY_EVERY_MS) {
    copiedAt = now;
    await copies.store();
  }
  if (now - writtenAt >= settings.parquetFlushMs) {
    writtenAt = now;
    await files.store();
    await commit();
  }
}

async function commit(): Promise<void> {
  await consumer.commitOffsets(
    [...positions].map(([key, offset]) => {
      const [topic, partition] = key.split(" ");
      return { topic, partition: Number(partition), offset: String(offset) };
    }),
  );
}

const consumer = kafka.consumer({
  groupId: `${namespace}bare`,
  maxWaitTimeInMs: FETCH_WAIT_MS,
  minBytes: FETCH_BYTES_MIN,
  maxBytes: FETCH_BYTES_MAX,
});
consumer.on("consumer.crash", ({ payload }) => {
  if (payload.restart) return;
  console.error(`the bare consumer has stopped: ${payload.error.message}`);
  process.exit(1);
});
await consumer.connect();
await consumer.subscribe({ topics: topics.map((topic) => namespace + topic), fromBeginning: true });
await consumer.run({
  autoCommit: false,
  async eachBatch({ batch }) {
    const topic = batch.topic.slice(namespace.length);
    for (const message of batch.messages) {
      const value = JSON.parse(String(message.value));
      messages++;
      files.add(topic, message, value);
      if (value.events === undefined) continue;
      events += value.events.length;
      if (topic !== "logs_move" || value.tick % moveTicks === 0) copies.add(topic, value);
    }
    positions.set(`${batch.topic} ${batch.partition}`, BigInt(batch.lastOffset()) + 1n);
    await storeIfDue();
  },
});

/** Whether everything that the topics have was read. */
async function isAtEnd(admin: Admin): Promise<boolean> {
  for (const topic of topics) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(namespace + topic)) {
      if (high !== low && (positions.get(`${namespace}${topic} ${partition}`) ?? 0n) < BigInt(high)) return false;
    }
  }
  return true;
}

process.once("disconnect", () => process.exit(1));
process.once("message", async () => {
  const admin = kafka.admin();
  await admin.connect();
  while (!(await isAtEnd(admin))) await delay(200);
  await admin.disconnect();
  await consumer.disconnect();
  await Promise.all([copies.close(), files.close()]);
  const result: BareResult = { messages, events };
  process.send!(result, () => process.exit(0));
});
