/**
 * The parts of a process that no tick waits for: databases, outbox, relay, sinks, live feed and statistics. They depend on each
 * other, so the order in which they are opened and stopped matters.
 */
import { hostname } from "node:os";
import { matchMaker } from "@colyseus/core";
import type { Logger } from "pino";
import type { Game } from "../../game/Game.ts";
import type { OutboxTickEvents } from "../../pipeline/events/OutboxTickEvents.ts";
import { withoutPath } from "../../pipeline/outbox/damage.ts";
import type { OutboxWriter } from "../../pipeline/outbox/Outbox.ts";
import { outboxWarnings } from "../../pipeline/outbox/outboxWarnings.ts";
import type { LiveEntry } from "../../pipeline/sinks/live/LiveFeed.ts";
import { LiveStreamHandler } from "../../pipeline/sinks/live/LiveStreamHandler.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import { type Condition, conditionsOf, type Health } from "../../platform/health/Health.ts";
import { openTracer } from "../../platform/tracing/openTracer.ts";
import type { Tracer } from "../../platform/tracing/Tracer.ts";
import { migrate } from "../../players/database/migrate.ts";
import { readUnpublishedRows } from "../../players/database/unpublishedRows.ts";
import { retryUntilDone } from "../health/retryUntilDone.ts";
import { UnpublishedEvents } from "../health/UnpublishedEvents.ts";
import { Installation } from "../installation/Installation.ts";
import { Places } from "../installation/Places.ts";
import { addConditionMetrics } from "../metrics/conditionMetrics.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { type LatenessWindow, publishStats } from "../metrics/publishStats.ts";
import { openPipeline } from "./openPipeline.ts";
import { openStores, type Stores } from "./openStores.ts";

export interface DataServices {
  /** Null if this process neither hosts rooms nor pairs the queue. */
  readonly tickEvents: OutboxTickEvents | null;
  /** Null if `tickEvents` is. */
  readonly writer: OutboxWriter | null;
  readonly live: LiveStreamHandler;
  /**
   * Publishes entries, each for one player, who may be connected to any process. Each is delivered at most once. Returns without
   * waiting.
   */
  notify(entries: readonly LiveEntry[]): void;
  /** Adds entries to the live feed. Rejects while it is unavailable. */
  publish(entries: readonly LiveEntry[]): Promise<void>;
  /** Null if this process needs no database. */
  readonly stores: Stores | null;
  /** Calls back after ratings of these matches were committed: see `openPipeline`. */
  onRatings(listener: (matchIds: readonly string[]) => void): void;
  readonly tracer: Tracer;
  /** Resolves once the operational tables have the schema of this build. */
  readonly migrated: Promise<void>;
  /** Resolves to one line when something is found to belong to another installation. Then this process must stop. */
  readonly mismatch: Promise<string>;
  stop(): Promise<void>;
}

export interface DataServicesDeps {
  readonly config: Config;
  readonly games: readonly Game[];
  readonly metrics: Metrics;
  readonly lateness: LatenessWindow;
  readonly health: Health;
  readonly log: Logger;
}

export async function openDataServices({
  config,
  games,
  metrics,
  lateness,
  health,
  log,
}: DataServicesDeps): Promise<DataServices> {
  const stores = await openStores(config, health);
  // Rooms must run while the database is unavailable.
  const migrated =
    stores === null
      ? null
      : retryUntilDone(() => migrate(stores.operational), { health, name: "migration of the database", breaks: null });
  const places = stores === null ? null : new Places(config, stores.operational, log);
  const installation =
    places === null || migrated === null || places.isEmbedded
      ? null
      : new Installation({ places, migrated: migrated.done, health, log });
  try {
    await installation?.compareAtStart();
  } catch (error) {
    migrated?.stop();
    await installation?.stop();
    await stores?.close();
    throw error;
  }
  const instance = config.processName ?? `${hostname()}:${config.port}`;
  const tracer = await openTracer({ env: config.env, instance, logger: log.child({ part: "tracing" }) });
  const pipeline = await openPipeline({ config, stores, games, tracer, health, log });
  const { tickEvents, writer, feed } = pipeline;
  if (stores !== null) health.addSource(() => checkDatabase(stores));
  health.addSource(() =>
    conditionsOf([migrated?.isDone() === false ? "the operational database is not migrated yet" : null], null),
  );
  // A process without rooms needs its outbox only for events of the queue.
  const outboxBreaks = config.roles.includes("game") ? "joins" : null;
  health.addSource(() => conditionsOf([tickEvents?.refusal() ?? null], outboxBreaks));
  health.addSource(() => checkOutboxes(config));
  health.addSource(() => pipeline.relay()?.conditions ?? []);
  health.addSource(() => conditionsOf([feed.problem()], null));
  health.addSource(async () => (await pipeline.sinks())?.conditions ?? []);
  const live = new LiveStreamHandler({ feed });
  const rooms = () => matchMaker.stats.local.roomCount;
  const players = () => matchMaker.stats.local.ccu;
  metrics.addSources({
    ...{ rooms, players },
    outbox: tickEvents && (() => tickEvents.stats()),
    outboxLimitBytes: config.outboxMaxMb * 2 ** 20,
    relay: pipeline.relay() && (() => pipeline.relay()!),
    sinks: config.roles.includes("sinks") ? pipeline.sinks : null,
  });
  if (stores !== null && migrated !== null) watchUnpublished(stores, migrated, { metrics, health });
  addConditionMetrics(metrics.registry, health, config.roles);
  const stopStats =
    writer === null || tickEvents === null
      ? () => {}
      : publishStats(writer, tickEvents, { process: () => matchMaker.processId, lateness, rooms, players });

  return {
    ...{ tickEvents, writer, live, stores, tracer },
    notify(entries) {
      feed
        .publish(entries)
        .catch((error) =>
          log.debug(
            { error: error.message },
            "could not publish events on the live feed; their players were not notified",
          ),
        );
    },
    publish: (entries) => feed.publish(entries),
    onRatings: pipeline.onRatings,
    migrated: migrated?.done ?? Promise.resolve(),
    mismatch: installation?.mismatch ?? new Promise(() => {}),
    async stop() {
      stopStats();
      migrated?.stop();
      await installation?.stop();
      await live.close();
      await pipeline.stop();
      await tracer.stop();
      await stores?.close();
    },
  };
}

function watchUnpublished(
  { operational }: Stores,
  migrated: { isDone(): boolean },
  { metrics, health }: Pick<DataServicesDeps, "metrics" | "health">,
): void {
  const unpublished = new UnpublishedEvents({
    async read() {
      if (!migrated.isDone()) throw new Error("the operational database is not migrated yet");
      return readUnpublishedRows(operational);
    },
    now: Date.now,
  });
  metrics.addUnpublished(
    () => unpublished.counts(),
    () => unpublished.oldestSeconds(),
  );
  health.addSource(() => unpublished.conditions());
}

/** Queries the operational database, because nothing else may have used it since its state changed. */
async function checkDatabase({ operational }: Stores): Promise<Condition[]> {
  return operational.check().then(
    () => [],
    // Guests can play without it, unrated.
    ({ message }: Error) => conditionsOf([message], null),
  );
}

/** Everything that can be read of an outbox is sent, so its damage keeps nobody from playing, and no other outbox from being sent. */
async function checkOutboxes({ dataDir }: Config): Promise<Condition[]> {
  return outboxWarnings(dataDir).then(
    (lines) => conditionsOf(lines, null),
    (error: Error) => [{ line: `DATA_DIR: cannot list the outboxes in it: ${withoutPath(error)}`, breaks: null }],
  );
}
