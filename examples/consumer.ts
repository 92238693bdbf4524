/**
 * A consumer of one's own: reads `logs_attack` and prints the damage that each player has dealt. It needs kafkajs and nothing of
 * this project; any other Kafka client does as well.
 *
 *     KAFKA_BROKERS=127.0.0.1:9092 node examples/consumer.ts          follows the topic, a table every five seconds
 *     KAFKA_BROKERS=127.0.0.1:9092 node examples/consumer.ts --once   reads what is there, prints it and ends
 *
 * Messages may come twice, never out of order within their match. `seq` is `outboxId:recordNumber`, and rises in each
 * partition for each outbox: what is not above the highest seen is a repeat.
 */
import { promisify } from "node:util";
import zlib from "node:zlib";
import kafkajs from "kafkajs";

const { KAFKA_BROKERS = "127.0.0.1:9092", NAMESPACE = "", KAFKA_GROUP = `damage-${Date.now()}` } = process.env;
const once = process.argv.includes("--once");
const topic = `${NAMESPACE}logs_attack`;

// The topics are compressed with zstd, which Node has and kafkajs does not know of by itself.
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

function take(text: string): void {
  const { v, events } = JSON.parse(text) as Message;
  // A field may be added at any time; a higher version means something else.
  if (v !== 1) return;
  for (const event of events) damage.set(event.attacker, (damage.get(event.attacker) ?? 0) + event.damage);
}

function print(): void {
  const rows = [...damage].sort(([, a], [, b]) => b - a).slice(0, 20);
  for (const [player, dealt] of rows) console.log(`${String(dealt).padStart(8)}  ${player}`);
}

const kafka = new kafkajs.Kafka({ brokers: KAFKA_BROKERS.split(","), logLevel: kafkajs.logLevel.ERROR });
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
    if (!isRepeat(partition, String(message.headers!.seq))) take(String(message.value));
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
