/**
 * The whole program in its production set-up, on real services: tick lateness while all services are unavailable, the delay from
 * a tick to a consumer, the CPU of the pipeline compared with that of the game, and its CPU per event with each Kafka client.
 */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { StatsMessage } from "../schema/statsEvents.ts";
import type { TickValue } from "../src/pipeline/events/messages.ts";
import { type ClientName, kafkaConfig } from "../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../src/pipeline/kafka/KafkaLog.ts";
import type { BatchHandler, LogBatch } from "../src/pipeline/log/EventLog.ts";
import { silent } from "../src/platform/logging/Logger.ts";
import { Cluster } from "../test/chaos/Cluster.ts";
import { guest, Player } from "../test/chaos/Player.ts";
import type { Program } from "../test/chaos/Program.ts";
import { MATCH_TOPICS } from "../test/pipeline/relay/TopicReader.ts";
import type { Row } from "./Row.ts";

const ROOMS = 30;
const SEATS = 16;
const WARM_UP_MS = 10_000;
const WINDOW_MS = 25_000;
const SERVICES = ["kafka", "postgres", "s3"] as const;
const CLOCK_TICKS = 100;

const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

/** Consumes topics. Keeps the delays of moves, and the messages with statistics. */
class TopicObserver implements BatchHandler {
  /** For each message of moves: when its tick was stepped (Unix ms), and how long it took to arrive (ms). */
  readonly moves: { readonly at: number; readonly delayMs: number }[] = [];
  readonly stats: StatsMessage[] = [];
  /** Number of events of matches that were received. */
  events = 0;
  readonly #next = new Map<string, bigint>();
  async onAssigned(topic: string, partition: number): Promise<bigint | null> {
    return this.#next.get(`${topic} ${partition}`) ?? null;
  }
  async apply({ topic: of, partition, nextOffset, messages }: LogBatch): Promise<void> {
    const now = Date.now();
    this.#next.set(`${of} ${partition}`, nextOffset);
    for (const { topic, value } of messages) {
      if (topic === "logs_stats") {
        this.stats.push(JSON.parse(String(value)) as StatsMessage);
        continue;
      }
      const { at, events } = JSON.parse(String(value)) as TickValue;
      this.events += events.length;
      if (topic === "logs_move") this.moves.push({ at, delayMs: now - at });
    }
  }
  onSkipped(): void {}
  async onRevoked(): Promise<void> {}
}

interface Window {
  readonly from: number;
  readonly to: number;
}

/** Waits for the length of a window. Returns its start and end in Unix ms. */
async function waitForWindow(): Promise<Window> {
  const from = Date.now();
  await delay(WINDOW_MS);
  return { from, to: Date.now() };
}

/** Returns the CPU seconds that all threads of the process have used. */
function cpuSecondsOf({ pid }: Program): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}

/** Returns the median of the p99 latenesses of the seconds in the window, in ms. */
function latenessMs({ stats }: TopicObserver, { from, to }: Window): number {
  const within = stats.filter(({ at, rooms }) => at > from + 1000 && at <= to && rooms > 0);
  return percentile(
    within.map(({ tickLatenessP99Ms }) => tickLatenessP99Ms),
    0.5,
  );
}

/** Resolves to the window, and the CPU seconds that each program used in it. */
async function measureCpu(programs: readonly Program[], during: () => Promise<Window>) {
  const before = programs.map(cpuSecondsOf);
  const window = await during();
  return { window, seconds: programs.map((program, at) => cpuSecondsOf(program) - before[at]) };
}

/** Matches that run, and what arrives of them. */
interface Played {
  readonly cluster: Cluster;
  readonly observer: TopicObserver;
  readonly players: readonly Player[];
}

/** Plays with a Kafka client. The programs have warmed up when `measure` is called. */
async function play<T>(KAFKA_CLIENT: ClientName, measure: (played: Played) => Promise<T>): Promise<T> {
  const settings = { KAFKA_PARTITIONS: "8", WAREHOUSE_MOVE_TICKS: "20", LAKE_FLUSH_SECONDS: "20", LOG_LEVEL: "warn" };
  const cluster = await Cluster.start({ env: { ...settings, KAFKA_CLIENT, TEST_MATCH_MS: "3600000" } });
  // The same client observes in every run.
  const log = new KafkaLog(kafkaConfig({ ...cluster.env, KAFKA_CLIENT: "kafkajs" })!, silent);
  try {
    const observer = new TopicObserver();
    await log.consume("bench", [...MATCH_TOPICS, "logs_stats"], observer);
    const url = () => cluster.game.url;
    const client = guest(url());
    const one = { url, game: "arena", mode: "ffa", alone: true, signIn: () => client };
    const players = Array.from({ length: ROOMS }, () => new Player(one));
    await delay(WARM_UP_MS);
    return await measure({ cluster, observer, players });
  } finally {
    await log.close();
    await cluster.stop();
  }
}

interface PipelineCpu {
  readonly window: Window;
  /** CPU seconds of the game, the relay and each process of sinks. */
  readonly seconds: readonly number[];
  /** CPU time of relay and sinks per event of a match, in µs. */
  readonly perEventUs: number;
}

async function measurePipeline({ cluster: { game, relay, sinks }, observer }: Played): Promise<PipelineCpu> {
  const before = observer.events;
  const { window, seconds } = await measureCpu([game, relay, ...sinks], waitForWindow);
  return { window, seconds, perEventUs: (pipelineSeconds(seconds) * 1_000_000) / (observer.events - before) };
}

const pipelineSeconds = ([, ...seconds]: readonly number[]): number => seconds.reduce((sum, used) => sum + used, 0);

export async function run(): Promise<Row[]> {
  const { rows, cpu } = await play("kafkajs", measureAll);
  const other = await play("platformatic", measureCpuOnly);
  return [
    ...rows,
    {
      name: "CPU of relay and sinks per event, KAFKA_CLIENT=platformatic",
      figure: other.perEventUs,
      unit: "µs",
      peer: "KAFKA_CLIENT=kafkajs",
      peerFigure: cpu.perEventUs,
      ratio: other.perEventUs / cpu.perEventUs,
      note: `${shares(other.seconds)} of a core; with kafkajs ${shares(cpu.seconds)}`,
    },
  ];
}

async function measureCpuOnly(played: Played): Promise<PipelineCpu> {
  const cpu = await measurePipeline(played);
  await Promise.all(played.players.map((player) => player.stop()));
  return cpu;
}

async function measureAll(played: Played): Promise<{ rows: Row[]; cpu: PipelineCpu }> {
  const { cluster, observer, players } = played;
  const { game, relay, sinks, services } = cluster;
  const cpu = await measurePipeline(played);
  const { window: quiet, seconds } = cpu;
  await Promise.all(SERVICES.map((name) => services.kill(name)));
  const { window: outage, seconds: idle } = await measureCpu([game, relay, ...sinks], waitForWindow);
  await Promise.all(SERVICES.map((name) => services.restart(name)));
  await delay(WARM_UP_MS);
  await Promise.all(players.map((player) => player.stop()));
  while (observer.stats.every(({ at }) => at < outage.to)) await delay(200);
  const report = await cluster.untilArrived(ROOMS);
  if (report.differences.length > 0) throw new Error(`the audit found a difference: ${report.differences[0].detail}`);

  const delaysMs = observer.moves
    .filter(({ at }) => at >= quiet.from && at < quiet.to - 1000)
    .map(({ delayMs }) => delayMs);
  const load = `${ROOMS} rooms of ${SEATS} at 20 Hz, ${ROOMS} people, the rest bots`;
  const [outageMs, normalMs] = [latenessMs(observer, outage), latenessMs(observer, quiet)];
  const pipeline = pipelineSeconds(seconds);
  const rows: Row[] = [
    {
      name: "p99 tick lateness with Kafka, PostgreSQL and S3 away",
      figure: outageMs,
      unit: "ms",
      peer: "the same rooms with all there",
      peerFigure: normalMs,
      ratio: outageMs / normalMs,
      note: `${load}; ${WINDOW_MS / 1000} s each, median of the seconds' p99; goal 1.1; CPU while away: ${shares(idle)}`,
    },
    ...([50, 99] as const).map((share) => ({
      name: `tick to consumer through room, outbox, relay process and Kafka, p${share}`,
      figure: percentile(delaysMs, share / 100),
      unit: "ms",
      peer: "goal",
      peerFigure: share === 50 ? 60 : 200,
      ratio: percentile(delaysMs, share / 100) / (share === 50 ? 60 : 200),
      note: `${delaysMs.length} messages of moves; bench relay has a bare producer beside it`,
    })),
    {
      name: "CPU of relay and sinks per CPU of the game process",
      figure: pipeline / seconds[0],
      unit: "",
      peer: "goal",
      peerFigure: 0.5,
      ratio: pipeline / seconds[0] / 0.5,
      note: `${shares(seconds)} of a core`,
    },
  ];
  return { rows, cpu };
}

function shares(seconds: readonly number[]): string {
  const [game, relay, ...sinks] = seconds.map((used) => `${((used / (WINDOW_MS / 1000)) * 100).toFixed(0)} %`);
  return `game ${game}, relay ${relay}, sinks ${sinks.join(" and ")}`;
}
