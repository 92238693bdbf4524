/** Entry of the worker thread of the sinks, so that encoding, compression and SQL take no time from the game thread. */
import path from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import * as comlink from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import type { OnEnded } from "../../game/Backend.ts";
import { EmbeddedLog } from "../../pipeline/embeddedLog/EmbeddedLog.ts";
import { RejectedStore } from "../../pipeline/embeddedLog/RejectedStore.ts";
import { kafkaConfig } from "../../pipeline/kafka/config.ts";
import { KafkaLog } from "../../pipeline/kafka/KafkaLog.ts";
import type { EventLog } from "../../pipeline/log/EventLog.ts";
import { EventCatalogue } from "../../pipeline/sinks/eventCatalogue.ts";
import { RESTORE_GROUPS } from "../../pipeline/sinks/lake/restoreMessages.ts";
import type { LiveFeed } from "../../pipeline/sinks/live/LiveFeed.ts";
import { ratingEntries } from "../../pipeline/sinks/live/ownEntries.ts";
import { RedisFeed } from "../../pipeline/sinks/live/RedisFeed.ts";
import type { RatingsChanged } from "../../pipeline/sinks/results/EndedMatch.ts";
import type { RunningSink, SinkMetrics } from "../../pipeline/sinks/runSink.ts";
import { conditionsOf } from "../../platform/health/Health.ts";
import { onceAMinute } from "../../platform/logging/onceAMinute.ts";
import { openLogger } from "../../platform/logging/openLogger.ts";
import { openObjectStore } from "../../platform/objectStore/openObjectStore.ts";
import { openSql } from "../../platform/sql/openSql.ts";
import type { Tracer } from "../../platform/tracing/Tracer.ts";
import { withEndedHooks } from "../../players/database/endedHooks.ts";
import { matchResults } from "../../players/database/matchResults.ts";
import { EndedHooks } from "../../players/hooks/EndedHooks.ts";
import { reportDatabase } from "../health/reportDatabase.ts";
import { retryUntilDone } from "../health/retryUntilDone.ts";
import { loadBackends, loadGames } from "../loadGames.ts";
import { Rechecker } from "./Rechecker.ts";
import { runSinks, SINKS } from "./runSinks.ts";
import { HealthOfThread, unlessStanding } from "./ThreadConditions.ts";
import { type GameThreadApi, RemoteWriter, remoteFeed, type SinksSettings, type SinksThreadApi } from "./threadApis.ts";

/** PGlite executes one query at a time: more connections would only wait for each other. */
const CONNECTIONS_MAX = 4;

/** Less than the game thread waits for the end of this one. */
const FLUSH_WITHIN_MS = 5000;

const { settings, gamePort } = workerData as { settings: SinksSettings; gamePort: MessagePort };
const game = comlink.wrap<GameThreadApi>(nodeEndpoint(gamePort));
const logger = openLogger(settings.logLevel, settings.env.PROCESS_NAME).child({ part: "sinks" });
/** Rejected messages and failed puts, by sink: 0 from the start, so that the first failure is an increase. */
const rejected = new Map<string, number>(SINKS.map((sink) => [sink, 0]));
const putFailures = new Map<string, number>([["lake", 0]]);
const deletedDays = new Map<string, number>();
const addOne = (counts: Map<string, number>, sink: string) => void counts.set(sink, (counts.get(sink) ?? 0) + 1);
const metrics: SinkMetrics = {
  rejected: (sink) => addOne(rejected, sink),
  putFailed: (sink) => addOne(putFailures, sink),
  deleted: (retention, days) => void deletedDays.set(retention, (deletedDays.get(retention) ?? 0) + days),
};
const tracer: Tracer = { isOn: settings.isTraced, record: (span) => void game.recordSpan(span), async stop() {} };
const health = new HealthOfThread(game);
const closing: (() => unknown)[] = [];
let log: EventLog;
let sinks: RunningSink[] = [];
/** Lets the sinks store the last records of the outbox. Not needed with Kafka: there, another process or the next start stores them. */
let flush: () => Promise<void> = async () => {};

async function openLog(feed: LiveFeed): Promise<EventLog> {
  const kafka = kafkaConfig(settings.env);
  const quiet = unlessStanding(logger, () => [...health.standing().map(({ line }) => line), feed.problem()]);
  if (kafka !== null) return new KafkaLog(kafka, quiet);
  const writer = await RemoteWriter.open(game, settings.outbox!);
  closing.push(() => writer.close());
  const embedded = await EmbeddedLog.open({ writer, groups: SINKS, readerPrefix: RESTORE_GROUPS, logger: quiet });
  flush = async () => {
    await writer.refresh();
    await embedded.untilApplied(writer.committed, FLUSH_WITHIN_MS);
  };
  return embedded;
}

/** Players are not notified of a match that ended longer ago, which happens after an outage. */
const NOTIFY_WITHIN_MS = 300_000;

/** Notifies the rankings, and the players themselves. */
function ratingsChanged(feed: LiveFeed, changed: readonly RatingsChanged[]): void {
  void game.ratingsChanged(changed.map(({ matchId }) => matchId));
  const entries = changed.filter(({ endedAt }) => endedAt > Date.now() - NOTIFY_WITHIN_MS).flatMap(ratingEntries);
  feed
    .publish(entries)
    .catch((error) =>
      logger.debug({ error: error.message }, "publishing rating changes failed; players were not notified"),
    );
}

async function endedHooksOf(gamesModule: string | undefined): Promise<ReadonlyMap<string, OnEnded>> {
  const backends = await loadBackends(gamesModule);
  return new Map(backends.flatMap(({ game, onEnded }) => (onEnded === undefined ? [] : [[game, onEnded] as const])));
}

let started: Promise<void> = Promise.resolve();

async function open(): Promise<void> {
  const namespace = settings.env.NAMESPACE ?? "";
  const feed = settings.redisUrl === null ? remoteFeed(game) : new RedisFeed({ url: settings.redisUrl, namespace });
  log = await openLog(feed);
  const openDatabase = (name: string, location: SinksSettings["operational"]) =>
    openSql({ ...location, connectionsMax: CONNECTIONS_MAX, onProblem: reportDatabase(health, name, "sinks") });
  const operational = await openDatabase("operational database", settings.operational);
  const warehouse = await openDatabase("warehouse", settings.warehouse);
  const objects = openObjectStore(settings.env, { path: path.join(settings.dataDir, "lake"), variable: "DATA_DIR" });
  const recheckers = [operational, warehouse].map((component) => new Rechecker(component));
  const lines = () => [log.problem(), feed.problem(), ...sinks.flatMap((sink) => sink.problems())];
  health.addSource(() => conditionsOf(lines(), "sinks"));
  health.addSource(() => conditionsOf(log.warnings(), null));
  health.addSource(() => {
    for (const rechecker of recheckers) rechecker.recheckIfFailed();
    return [];
  });
  // Detects a missing bucket or a wrong key now, and not when the first file is full.
  const reached = retryUntilDone(() => objects.check(), { health, name: "check of the lake's store", breaks: "sinks" });
  closing.push(() => reached.stop());
  // An embedded log does not keep what no sink reads.
  const store = settings.outbox === null ? null : new RejectedStore(settings.dataDir);
  const hooks = await endedHooksOf(settings.gamesModule);
  sinks = await runSinks({
    ...{ log, rejected: store ?? log, operational, warehouse, objects, feed, metrics, tracer, logger, health },
    results: withEndedHooks(matchResults, new Set(hooks.keys())),
    ratingsChanged: (changed) => ratingsChanged(feed, changed),
    catalogue: new EventCatalogue(await loadGames(settings.gamesModule)),
    warehouseMoveTicks: settings.warehouseMoveTicks,
    retentionDays: settings.retentionDays,
    lakeFlush: settings.lakeFlush,
    now: Date.now,
  });
  const quiet = onceAMinute(logger);
  const endedHooks = new EndedHooks({
    ...{ sql: operational, hooks },
    onFailed: (error, { game, matchId }) =>
      quiet.warn({ error: String(error), game, matchId }, "onEnded failed; it runs again"),
    report(game, line) {
      if (line === null) health.clear(`onEnded of ${game}`);
      else health.report(`onEnded of ${game}`, line, null);
    },
  });
  endedHooks.start();
  closing.push(
    () => Promise.all(sinks.map((sink) => sink.stop())),
    () => endedHooks.stop(),
    () => log.close(),
    () => store?.close(),
    () => Promise.all([operational.close(), warehouse.close(), feed.close()]),
  );
}

const api: SinksThreadApi = {
  start: () => (started = open()),
  stats: async () => ({
    lag: Object.fromEntries(sinks.map((sink) => [sink.name, sink.lagSeconds()])),
    rejected: Object.fromEntries(rejected),
    putFailures: Object.fromEntries(putFailures),
    deletedDays: Object.fromEntries(deletedDays),
    conditions: await health.conditions(),
  }),
  async stop() {
    // A part that is being opened cannot be closed yet.
    await started.catch(() => {});
    await flush();
    const [closeWriter, ...rest] = settings.outbox === null ? [() => {}, ...closing] : closing;
    for (const close of rest) await close();
    await closeWriter();
    gamePort.close();
    setImmediate(() => parentPort!.close());
  },
};

comlink.expose(api, nodeEndpoint(parentPort));
