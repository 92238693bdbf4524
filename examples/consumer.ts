/**
 * A Kafka consumer: it reads `logs_attack` and prints the damage that each player has dealt. It needs kafkajs and no code of
 * this project; any other Kafka client works too.
 *
 *     KAFKA_BROKERS=127.0.0.1:9092 npx node examples/consumer.ts          follows the topic and prints a table every five seconds
 *     KAFKA_BROKERS=127.0.0.1:9092 npx node examples/consumer.ts --once   reads the messages up to now, prints the table and exits
 *
 * A message may be delivered twice, but never out of order within its match. The header `seq` is `outboxId:recordNumber`. In
 * each partition the numbers of one outbox rise, so a number that is not above the highest seen so far is a repeat.
 */
import { promisify } from "node:util";
import zlib from "node:zlib";
import kafkajs from "kafkajs";

const { KAFKA_BROKERS = "127.0.0.1:9092", NAMESPACE = "", KAFKA_GROUP = `damage-${Date.now()}` } = process.env;
const once = process.argv.includes("--once");
const topic = `${NAMESPACE}logs_attack`;

// The topics are compressed with zstd. Node supports it, but kafkajs needs a codec.
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
  compress: ({ buffer }: { buffer: Buffer }) => promisify(zlib.zstdCompress)(buffer),
  decompress: (buffer: Buffer) => promisify(zlib.zstdDecompress)(buffer),
});

interface Message {
  readonly v: number;
  readonly matchId: string;
  readonly tick: number;
  readonly events: readonly { readonly i: number; readonly attacker: string; readonly damage: number }[];
}

const damage = new Map<string, number>();
const highest = new Map<string, number>();

function isRepeat(partition: number, seq: string): boolean {
  const [outbox, number] = seq.split(":");
  const key = `${partition} ${outbox}`;
  if (Number(number) <= (highest.get(key) ?? 0)) return true;
  highest.set(key, Number(number));
  return false;
}

function addDamage(text: string): void {
  const { v, events } = JSON.parse(text) as Message;
  // New fields may appear at any time and keep `v`. A higher version has a different meaning, so skip it.
  if (v !== 1) return;
  for (const event of events) damage.set(event.attacker, (damage.get(event.attacker) ?? 0) + event.damage);
}

function print(): void {
  const rows = [...damage].sort(([, a], [, b]) => b - a).slice(0, 20);
  for (const [player, dealt] of rows) console.log(`${String(dealt).padStart(8)}  ${player}`);
}

const kafka = new kafkajs.Kafka({ brokers: KAFKA_BROKERS.split(/\s*,\s*/), logLevel: kafkajs.logLevel.ERROR });
const admin = kafka.admin();
await admin.connect();
const ends = await admin.fetchTopicOffsets(topic);
await admin.disconnect();
const unread = new Set(ends.filter(({ low, high }) => low !== high).map(({ partition }) => partition));

const consumer = kafka.consumer({ groupId: NAMESPACE + KAFKA_GROUP });
const done = Promise.withResolvers<void>();
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  eachMessage: async ({ partition, message }) => {
    if (!isRepeat(partition, String(message.headers!.seq))) addDamage(String(message.value));
    const end = ends.find((found) => found.partition === partition)!.high;
    if (BigInt(message.offset) + 1n >= BigInt(end)) unread.delete(partition);
    if (unread.size === 0) done.resolve();
  },
});
if (once) {
  if (unread.size > 0) await done.promise;
  await consumer.disconnect();
  print();
} else {
  setInterval(() => {
    console.log(new Date().toISOString());
    print();
  }, 5000);
}
