/**
 * Measures what one player-hour needs: bytes in Kafka, warehouse and lake, and Redis commands. These are counts, so they do not
 * depend on the machine's speed. Runs the production set-up on real services, first with players in open matches, then with
 * players in the queue.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { LoadStats } from "../loadtest/LoadStats.ts";
import { arena } from "../src/arena/game.ts";
import { kafkaConfig } from "../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../src/pipeline/kafka/KafkaLog.ts";
import { silent } from "../src/platform/logging/Logger.ts";
import { Cluster } from "../test/chaos/Cluster.ts";
import { guest, Player } from "../test/chaos/Player.ts";
import { Program } from "../test/chaos/Program.ts";
import { Entrant } from "../test/matchmaking/Entrant.ts";
import { MATCH_TOPICS } from "../test/pipeline/relay/TopicReader.ts";
import { Crowd } from "./footprint/Crowd.ts";
import { EventCount } from "./footprint/EventCount.ts";
import { matchTicks } from "./footprint/matchLength.ts";
import { kafkaBytes, lakeBytes, warehouseStored } from "./footprint/stored.ts";
import { createPlayers } from "./load/createPlayers.ts";
import { type Row, rowOf } from "./Row.ts";

const GAMES = path.join(import.meta.dirname, "footprint/games.ts");
const PLAYERS = 128;
const SEATS = 16;
const RATE = 20;
const ROOMS = 60;
const PLAY_MS = 40_000;
const OPEN_MS = 30_000;
const LENGTH_MATCHES = 100;
const QUEUED_PLAYERS = 40;
const IDLE_MS = 6000;
/** Headers of each frame: WebSocket (for a payload above 125 bytes), TCP with timestamps, and IP. */
const HEADER_BYTES = 4 + 32 + 20;
/** Time after which leases, listings and results of players who left have been written. */
const SETTLE_MS = 3000;

/** Counts the commands that Redis has processed, including those in scripts. No other program uses this Redis. */
class CommandCounter {
  readonly redis: Redis;

  constructor(url: string) {
    this.redis = new Redis(url);
  }

  async total(): Promise<number> {
    return Number(/total_commands_processed:(\d+)/.exec(await this.redis.info("stats"))![1]);
  }

  /** Resolves to the number of commands while `during` runs, minus `perSecond` for each second, which an idle cluster sends. */
  async countDuring(during: () => Promise<void>, perSecond = 0): Promise<number> {
    const [before, from] = [await this.total(), performance.now()];
    await during();
    return (await this.total()) - before - (perSecond * (performance.now() - from)) / 1000;
  }
}

async function seatByQueue(url: string, tokens: readonly string[]): Promise<number> {
  const entrants = tokens.map((token) => {
    const person = { playerId: "", token, rating: 1500 };
    return new Entrant({ person, mode: "duel", url: () => url });
  });
  await Promise.all(entrants.map((entrant) => entrant.enter()));
  await Promise.all(entrants.map((entrant) => entrant.stop()));
  await delay(SETTLE_MS);
  return entrants.reduce((sum, { sat }) => sum + sat.length, 0);
}

interface RedisCounts {
  readonly idle: number;
  readonly further: number;
  readonly open: number;
  readonly joins: number;
  readonly queue: number;
  readonly sat: number;
}

function redisRows({ idle, further, open, joins, queue, sat }: RedisCounts): Row[] {
  const seat = "one look-up and one write, the floor";
  const counted = "of rooms, seats, leases and rankings, from entering to leaving; those within scripts counted";
  return [
    rowOf(
      "Redis with nobody there",
      "commands/s",
      idle,
      "a heartbeat of each",
      4,
      "game, relay and two processes of sinks",
    ),
    rowOf("Redis for one more game process", "commands/s", further, "its heartbeat", 1, "with nobody there"),
    rowOf("Redis for a seat by joinOrCreate", "commands", open / joins, seat, 2, `${joins} seats in ffa; ${counted}`),
    rowOf("Redis for a seat by the queue", "commands", queue / sat, seat, 2, `${sat} seats in duels; ${counted}`),
  ];
}

function sentRow({ counters }: LoadStats): Row {
  const { bytesIn, patches } = counters;
  const hours = patches / RATE / 3600;
  const [figure, peerFigure] = [(bytesIn + patches * HEADER_BYTES) / hours / 1e6, bytesIn / hours / 1e6];
  const note = `${hours.toFixed(1)} hours of clients in rooms of ${SEATS} at ${RATE} Hz; with headers of WebSocket, TCP and IP`;
  const peer = "their payload alone";
  return { name: "bytes to a client an hour", figure, unit: "MB", peer, peerFigure, ratio: figure / peerFigure, note };
}

function lengthRow(): Row {
  const ticks = matchTicks("ffa", RATE, LENGTH_MATCHES);
  const figure = ticks.reduce((sum, count) => sum + count, 0) / ticks.length / RATE;
  const peerFigure = arena.rules.modes.ffa.timeLimitMs / 1000;
  const note = `ffa, mean of ${ticks.length} that the game's bots play to the end, countdown included`;
  const peer = "the mode's time limit";
  return { name: "length of a match", figure, unit: "s", peer, peerFigure, ratio: figure / peerFigure, note };
}

async function storedRows(cluster: Cluster, count: EventCount): Promise<Row[]> {
  const hours = (count.lastTicks.reduce((sum, tick) => sum + tick, 0) * SEATS) / RATE / 3600;
  const warehouse = await warehouseStored(cluster.warehouse);
  const note = `${hours.toFixed(1)} player-hours in ${count.lastTicks.length} matches of ${SEATS} at ${RATE} Hz, all of it played`;
  const megabytes = (name: string, bytes: number, more = ""): Row => {
    const [figure, peerFigure] = [bytes / hours / 1e6, count.jsonBytes / hours / 1e6];
    const peer = "the same messages as bare JSON";
    return { name, figure, unit: "MB", peer, peerFigure, ratio: figure / peerFigure, note: note + more };
  };
  const number = (name: string, figure: number, peer: string, peerFigure: number, more = ""): Row => {
    return { name, figure, unit: "", peer, peerFigure, ratio: figure / peerFigure, note: note + more };
  };
  const everyMove = `; WAREHOUSE_MOVE_TICKS ${cluster.env.WAREHOUSE_MOVE_TICKS}`;
  return [
    number("events a player-hour", count.events / hours, "ticks of an hour", RATE * 3600),
    number("Kafka messages a player-hour", count.messages / hours, "its events, each by itself", count.events / hours),
    megabytes("Kafka bytes a player-hour", kafkaBytes(cluster.services.dir, cluster.env.NAMESPACE), "; one replica"),
    number("warehouse rows a player-hour", warehouse.rows / hours, "its events", count.events / hours, everyMove),
    megabytes("warehouse bytes a player-hour", warehouse.bytes, `${everyMove}; indexes included`),
    megabytes("lake bytes a player-hour", await lakeBytes(cluster.env), "; files of 30 s"),
  ];
}

/**
 * Plays rooms of one player and the game's bots for a while. Resolves when all their events are stored. Rejects if the audit
 * finds a difference.
 */
async function playRooms(cluster: Cluster): Promise<void> {
  const url = () => cluster.game.url;
  const client = guest(url());
  const one = { url, game: "arena", mode: "ffa", alone: true, signIn: () => client };
  const players = Array.from({ length: ROOMS }, () => new Player(one));
  await delay(PLAY_MS);
  await Promise.all(players.map((player) => player.stop()));
  const report = await cluster.untilArrived(ROOMS);
  if (report.differences.length > 0) throw new Error(`the audit found a difference: ${report.differences[0].detail}`);
}

async function playOpen(url: string, tokens: readonly string[]): Promise<LoadStats> {
  const crowd = new Crowd(url, "ffa", RATE, tokens);
  await delay(OPEN_MS);
  crowd.stop();
  await delay(SETTLE_MS);
  return crowd.stats;
}

/** Resolves to the commands per second of the cluster with one more game process. */
async function withOneMoreProcess(
  { env }: Cluster,
  measureIdle: (during: () => Promise<void>) => Promise<number>,
): Promise<number> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-bench-"));
  const roles = { ROLES: "game,api" };
  const program = await Program.make({ dataDir, env: { ...env, ...roles }, oneOfMany: true });
  try {
    await program.start();
    await program.untilHealthy();
    await delay(SETTLE_MS);
    return await measureIdle(() => delay(IDLE_MS));
  } finally {
    await program.stop();
    rmSync(dataDir, { recursive: true });
  }
}

export async function run(): Promise<Row[]> {
  const settings = { KAFKA_PARTITIONS: "8", WAREHOUSE_MOVE_TICKS: "20", LAKE_FLUSH_SECONDS: "30", LOG_LEVEL: "warn" };
  const cluster = await Cluster.start({ env: { ...settings, GAMES, TICK_RATE: String(RATE) } });
  const log = new KafkaLog(kafkaConfig(cluster.env)!, silent);
  const commands = new CommandCounter(cluster.env.REDIS_URL);
  const perSecond = async (during: () => Promise<void>) => (await commands.countDuring(during)) / (IDLE_MS / 1000);
  try {
    const { url } = cluster.game;
    const count = new EventCount();
    await log.consume("bench", MATCH_TOPICS, count);
    const { DATABASE_URL, JWT_SECRET } = cluster.env;
    const tokens = await createPlayers(DATABASE_URL, JWT_SECRET, "account", PLAYERS + QUEUED_PLAYERS);
    await playRooms(cluster);
    const stored = await storedRows(cluster, count);

    const idle = await perSecond(() => delay(IDLE_MS));
    let stats = new LoadStats();
    const open = await commands.countDuring(async () => {
      stats = await playOpen(url, tokens.slice(0, PLAYERS));
    }, idle);
    let sat = 0;
    const queue = await commands.countDuring(async () => {
      sat = await seatByQueue(url, tokens.slice(PLAYERS));
    }, idle);
    const two = await withOneMoreProcess(cluster, perSecond);
    return [
      ...[lengthRow(), sentRow(stats), ...stored],
      ...redisRows({ idle, further: two - idle, open, joins: stats.counters.joins, queue, sat }),
    ];
  } finally {
    commands.redis.disconnect();
    await log.close();
    await cluster.stop();
  }
}
