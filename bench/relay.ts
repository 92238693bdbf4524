/**
 * The relay: messages per second from the outbox to the broker's acknowledgement, compared with a bare kafkajs producer that gets
 * the same messages ready-made; the delay from a room's tick to a consumer of the topic, compared with a bare producer and consumer;
 * and the CPU time of each Kafka client.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { arena } from "../src/arena/game.ts";
import type { TickValue } from "../src/pipeline/events/messages.ts";
import { OutboxFeed } from "../src/pipeline/events/OutboxFeed.ts";
import { OutboxTickEvents } from "../src/pipeline/events/OutboxTickEvents.ts";
import { chooseClient } from "../src/pipeline/kafka/chooseClient.ts";
import { type KafkaConfig, kafkaConfig } from "../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../src/pipeline/kafka/KafkaLog.ts";
import { compressionTypes, createClient } from "../src/pipeline/kafka/kafkajs/client.ts";
import { ensureTopics } from "../src/pipeline/kafka/topics.ts";
import type { OutgoingMessage } from "../src/pipeline/log/EventLog.ts";
import type { OutboxWriter } from "../src/pipeline/outbox/Outbox.ts";
import { openReader, openWriter } from "../src/pipeline/outbox/openOutbox.ts";
import { runRelay } from "../src/pipeline/relay/runRelay.ts";
import { startRelayThread } from "../src/pipeline/relay/startRelayThread.ts";
import { silent } from "../src/platform/logging/Logger.ts";
import { RecordedMatch } from "../test/pipeline/relay/recordMatch.ts";
import { startServices } from "../tools/services/startServices.ts";
import { progress } from "./progress.ts";
import { type Row, rowOf } from "./Row.ts";
import { measureClients } from "./relay/measureClients.ts";

const TOPICS = ["logs_match", "logs_input", "logs_move", "logs_attack", "logs_heal", "logs_death"];
const MATCHES = 60;
const TICKS = 600;
const LIVE_MATCHES = 12;
const LIVE_TICKS = 300;
const TICK_MS = 50;
/** Messages per send of the bare producer. The relay sends about as many at a time. */
const BARE_BATCH = 4000;

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function tickEventsOf(writer: OutboxWriter): OutboxTickEvents {
  const onFault = (error: unknown) => {
    throw error;
  };
  return new OutboxTickEvents({ writer, now: Date.now, onFault, games: [arena] });
}

async function fillOutbox(dataDir: string): Promise<OutboxWriter> {
  const writer = await openWriter(dataDir, { limitBytes: 2 ** 34 });
  const tickEvents = tickEventsOf(writer);
  const matches = Array.from({ length: MATCHES }, () => new RecordedMatch(tickEvents, "squad"));
  for (let tick = 0; tick < TICKS; tick++) for (const match of matches) match.step();
  for (const match of matches) match.end();
  await writer.whenCommitted();
  return writer;
}

async function messagesOf(writer: OutboxWriter): Promise<OutgoingMessage[]> {
  const reader = openReader(writer.directory);
  const feed = new OutboxFeed(reader);
  const messages: OutgoingMessage[] = [];
  for (let after = 0; ; ) {
    const batch = await feed.read(after, 2 ** 20);
    if (batch.records.length === 0) break;
    messages.push(...batch.messages.flat());
    after = batch.upTo;
  }
  await reader.close();
  return messages;
}

const eventsIn = ({ value }: OutgoingMessage) => (JSON.parse(String(value)) as TickValue).events.length;

async function createTopics(config: KafkaConfig): Promise<void> {
  const admin = await chooseClient(config, silent).openAdmin();
  await ensureTopics(admin, TOPICS, config);
  await admin.close();
}

/** Messages per second, from the first acknowledgement to the last. */
async function measureRelayRate(config: KafkaConfig, dataDir: string, messages: number): Promise<number> {
  await createTopics(config);
  const relay = runRelay({ dataDir, kafka: config }, silent);
  const acknowledged = () => relay.stats().acknowledgedTotal;
  while (acknowledged() === 0) await setTimeout(1);
  const [before, beganAt] = [acknowledged(), performance.now()];
  while (acknowledged() < messages) await setTimeout(1);
  const rate = ((messages - before) / (performance.now() - beganAt)) * 1000;
  await relay.stop();
  return rate;
}

/** Messages per second of a producer that gets the messages ready-made. */
async function measureBareRate(config: KafkaConfig, messages: readonly OutgoingMessage[]): Promise<number> {
  await createTopics(config);
  const producer = createClient(config, silent).producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  let beganAt = 0;
  for (let at = 0; at < messages.length; at += BARE_BATCH) {
    const byTopic = Map.groupBy(messages.slice(at, at + BARE_BATCH), ({ topic }) => config.namespace + topic);
    const topicMessages = [...byTopic].map(([topic, ofTopic]) => ({ topic, messages: [...ofTopic] }));
    await producer.sendBatch({ acks: -1, compression: compressionTypes[config.compression], topicMessages });
    if (beganAt === 0) beganAt = performance.now();
  }
  const rate = ((messages.length - BARE_BATCH) / (performance.now() - beganAt)) * 1000;
  await producer.disconnect();
  return rate;
}

/**
 * Resolves to the delays in ms from `at` in each message of `logs_move` to a consumer, ascending, while `send` runs. The first
 * second is left out.
 */
async function measureDelaysMs(config: KafkaConfig, send: () => Promise<void>): Promise<number[]> {
  await createTopics(config);
  const log = new KafkaLog(config, silent);
  const latencies: number[] = [];
  const beganAt = Date.now();
  await log.consume("bench", ["logs_move"], {
    onAssigned: async () => null,
    apply: async ({ messages }) => {
      const now = Date.now();
      for (const { value } of messages) {
        const { at } = JSON.parse(String(value)) as TickValue;
        if (at > beganAt + 3000) latencies.push(now - at);
      }
    },
    onSkipped: () => {},
    onRevoked: async () => {},
  });
  await setTimeout(2000);
  await send();
  await setTimeout(1000);
  await log.close();
  return latencies.sort((a, b) => a - b);
}

async function playLive(writer: OutboxWriter): Promise<void> {
  const tickEvents = tickEventsOf(writer);
  const matches = Array.from({ length: LIVE_MATCHES }, () => new RecordedMatch(tickEvents, "squad"));
  const beganAt = performance.now();
  for (let slot = 0; slot < LIVE_TICKS * LIVE_MATCHES; slot++) {
    // Rooms are spread over the interval, as the scheduler does.
    const dueMs = beganAt + (slot * TICK_MS) / LIVE_MATCHES - performance.now();
    if (dueMs > 0) await setTimeout(dueMs);
    matches[slot % LIVE_MATCHES].step();
  }
}

async function sendBareLive(config: KafkaConfig, example: string): Promise<void> {
  const producer = createClient(config, silent).producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const beganAt = performance.now();
  for (let slot = 0; slot < LIVE_TICKS * LIVE_MATCHES; slot++) {
    const dueMs = beganAt + (slot * TICK_MS) / LIVE_MATCHES - performance.now();
    if (dueMs > 0) await setTimeout(dueMs);
    const value = example.replace(/"at":\d+/, `"at":${Date.now()}`);
    const messages = [{ key: `match ${slot % LIVE_MATCHES}`, value }];
    await producer.send({ topic: `${config.namespace}logs_move`, acks: -1, messages });
  }
  await producer.disconnect();
}

export async function run(): Promise<Row[]> {
  const services = await startServices(["kafka"]);
  const dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-bench-"));
  const configOf = (NAMESPACE: string) => kafkaConfig({ ...services.env, NAMESPACE })!;
  try {
    progress("recording matches");
    const writer = await fillOutbox(dataDir);
    const messages = await messagesOf(writer);
    const events = messages.reduce((sum, message) => sum + eventsIn(message), 0);
    const perMessage = events / messages.length;
    progress("sending ready-made messages");
    await measureBareRate(configOf("warm-"), messages.slice(0, 20_000));
    const bare = await measureBareRate(configOf("bare-"), messages);
    progress("sending from the outbox");
    const relay = await measureRelayRate(configOf("relay-"), dataDir, messages.length);
    await writer.close();

    progress("measuring the delay through the relay");
    const liveDir = path.join(dataDir, "live");
    const live = await openWriter(liveDir, { limitBytes: 2 ** 34 });
    const liveConfig = configOf("live-");
    const relayThread = startRelayThread({ dataDir: liveDir, kafka: liveConfig }, "silent", silent);
    const ours = await measureDelaysMs(liveConfig, () => playLive(live));
    await relayThread.stop();
    await live.close();
    progress("measuring the delay of a bare producer");
    const example = String(messages.find(({ topic }) => topic === "logs_move")!.value);
    const floor = await measureDelaysMs(configOf("floor-"), () => sendBareLive(configOf("floor-"), example));

    progress("measuring the CPU of each Kafka client");
    const clients = await measureClients({
      configOf: (namespace, client) => ({ ...configOf(namespace), client }),
      ...{ messages, events, folder: dataDir },
    });

    const load = `${LIVE_MATCHES} matches of 8 at 20 Hz`;
    return [
      rowOf(
        "from the outbox to Kafka's acknowledgement",
        "events/s",
        relay * perMessage,
        "bare kafkajs producer, the same messages ready-made",
        bare * perMessage,
        `${events} events in ${messages.length} messages; one outbox`,
        [
          { of: "figure", atLeast: 100_000 },
          { of: "ratio", atLeast: 0.7 },
        ],
      ),
      ...([50, 99] as const).map((share) =>
        rowOf(
          `tick to consumer, p${share}`,
          "ms",
          percentile(ours, share / 100),
          "bare kafkajs producer and consumer",
          percentile(floor, share / 100),
          load,
          [{ of: "figure", atMost: share === 50 ? 45 : 120 }],
        ),
      ),
      ...clients,
    ];
  } finally {
    rmSync(dataDir, { recursive: true });
    await services.stop();
  }
}
