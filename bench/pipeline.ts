/**
 * The whole program in its production set-up, on real services: tick lateness while all services are unavailable, the delay from
 * a tick to a consumer, the CPU of relay and sinks per event with each Kafka client and beside a bare consumer, and their memory
 * while a backlog drains.
 */
import { setTimeout as delay } from "node:timers/promises";
import { logTopics } from "../src/main/logTopics.ts";
import { kafkaConfig } from "../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../src/pipeline/kafka/KafkaLog.ts";
import { EventCatalogue } from "../src/pipeline/sinks/eventCatalogue.ts";
import { silent } from "../src/platform/logging/Logger.ts";
import { Cluster } from "../test/chaos/Cluster.ts";
import { games } from "../test/chaos/games.ts";
import { guest, Player } from "../test/chaos/Player.ts";
import { MATCH_TOPICS } from "../test/pipeline/relay/TopicReader.ts";
import { BarePeer } from "./pipeline/BarePeer.ts";
import { clientRows, measureClients } from "./pipeline/clients.ts";
import { compareFacts, compareLake } from "./pipeline/compareRows.ts";
import { drainRows } from "./pipeline/drain.ts";
import { liveRows } from "./pipeline/liveRows.ts";
import { FLUSH_S, MOVE_TICKS, ROOMS, SEATS, WARM_UP_MS, WINDOW_S } from "./pipeline/sizes.ts";
import { TopicObserver } from "./pipeline/TopicObserver.ts";
import { measureWindow, type Window } from "./pipeline/windows.ts";
import { progress } from "./progress.ts";
import type { Row } from "./Row.ts";

export const about = `\`bare consumer\` is one process, written by hand (\`bench/peers/bareConsumer.ts\`): kafkajs, \`JSON.parse\`, COPY into tables with
the warehouse's columns but without a key, and DuckDB's Parquet writer on one thread, into a folder. It consumes the same topics in the same
windows as one process of sinks, and stores the same rows: every fact that \`WAREHOUSE_MOVE_TICKS\` leaves, and every event in Parquet. The run
fails unless both have stored the same rows, by count and checksum. It checks no message, knows one version of the events, stores offsets
apart from the rows, and has no results, ratings, sessions or live feed. CPU is that of whole processes, user and system; the services' is not
counted. \`KAFKA_CLIENT\` changes between windows of the same run: each client twice, in the order A, B, B, A. Memory: an outbox with what
800 players record, an hour scaled down to \`PIPELINE_BACKLOG_SECONDS\`, by matches of bots with fixed seeds, is sent to Kafka by one relay,
and then consumed by one process of sinks. The first third of that time is compared with the last.`;

const SERVICES = ["kafka", "postgres", "s3"] as const;
const TOPICS = logTopics(new EventCatalogue(games)).filter((topic) => topic !== "logs_rejected");

export async function run(): Promise<Row[]> {
  progress("starting services and program");
  const cluster = await Cluster.start({
    env: {
      ...{ KAFKA_PARTITIONS: "8", WAREHOUSE_MOVE_TICKS: String(MOVE_TICKS), LAKE_FLUSH_SECONDS: String(FLUSH_S) },
      ...{ LOG_LEVEL: "warn", KAFKA_CLIENT: "kafkajs", TEST_MATCH_MS: "3600000" },
    },
  });
  const log = new KafkaLog(kafkaConfig(cluster.env)!, silent);
  let bare: BarePeer | null = null;
  try {
    const observer = new TopicObserver();
    await log.consume("bench", [...MATCH_TOPICS, "logs_stats"], observer);
    const players = await play(cluster);
    const { quiet, outage } = await measureOutage(cluster, observer);
    bare = startBare(cluster);
    await delay(WARM_UP_MS);
    const windows = await measureClients(cluster, bare, observer);
    progress("ending the matches");
    await Promise.all(players.map((player) => player.stop()));
    while (observer.stats.every(({ at }) => at < outage.to)) await delay(200);
    await audit(cluster);
    const same = await compare(cluster, bare);
    const rows = [...liveRows(observer, quiet, outage), ...clientRows(windows, same)];
    return [...rows, ...(await drainRows(cluster))];
  } finally {
    await log.close();
    await bare?.stop();
    await cluster.stop();
  }
}

/** Resolves when the matches have run for some time. */
async function play({ game }: Cluster): Promise<Player[]> {
  progress(`${ROOMS} matches of ${SEATS} begin`);
  const url = () => game.url;
  const client = guest(url());
  const one = { url, game: "arena", mode: "ffa", alone: true, signIn: () => client };
  const players = Array.from({ length: ROOMS }, () => new Player(one));
  await delay(WARM_UP_MS);
  return players;
}

/** Measures the programs while all services run, and while they are unavailable. Resolves after their recovery. */
async function measureOutage(
  { game, relay, sinks, services }: Cluster,
  observer: TopicObserver,
): Promise<{ quiet: Window; outage: Window }> {
  progress(`${WINDOW_S} s with all services`);
  const quiet = await measureWindow([game, relay, ...sinks], observer, WINDOW_S);
  progress(`${WINDOW_S} s without Kafka, PostgreSQL and S3`);
  await Promise.all(SERVICES.map((name) => services.kill(name)));
  const outage = await measureWindow([game, relay, ...sinks], observer, WINDOW_S);
  await Promise.all(SERVICES.map((name) => services.restart(name)));
  await delay(WARM_UP_MS);
  return { quiet, outage };
}

function startBare({ env }: Cluster): BarePeer {
  const { brokers, namespace } = kafkaConfig(env)!;
  return new BarePeer({
    ...{ brokers, namespace, topics: TOPICS, moveTicks: MOVE_TICKS },
    ...{ postgresUrl: env.WAREHOUSE_URL, parquetFlushMs: FLUSH_S * 1000 },
  });
}

async function audit(cluster: Cluster): Promise<void> {
  progress("auditing");
  const report = await cluster.untilArrived(ROOMS);
  if (report.differences.length > 0) throw new Error(`the audit found a difference: ${report.differences[0].detail}`);
}

/** Resolves to what is the same. Rejects if anything is not. */
async function compare({ warehouse, env }: Cluster, bare: BarePeer): Promise<string> {
  const { messages } = await bare.finish();
  progress("comparing rows with the bare consumer's");
  const facts = await compareFacts(warehouse);
  // The processes still write statistics.
  const lake = { env, topics: TOPICS.filter((topic) => topic !== "logs_stats"), folder: bare.folder };
  const events = await compareLake(lake).catch(async () => {
    // The newest rows may be in a file of the program that is still open.
    await delay(2 * FLUSH_S * 1000);
    return compareLake(lake);
  });
  return `${facts} facts and ${events} Parquet rows of ${messages} messages are the same by count and checksum`;
}
