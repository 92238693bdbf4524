/**
 * The parts of a process that no tick waits for: databases, outbox, relay, sinks, live feed and statistics. They depend on each
 * other, so the order in which they are opened and stopped matters.
 */
import { matchMaker } from "@colyseus/core";
import type { Logger } from "pino";
import type { Game } from "../../game/Game.ts";
import type { OutboxTickEvents } from "../../pipeline/events/OutboxTickEvents.ts";
import type { OutboxWriter } from "../../pipeline/outbox/Outbox.ts";
import { outboxWarnings } from "../../pipeline/outbox/outboxWarnings.ts";
import type { LiveEntry } from "../../pipeline/sinks/live/LiveFeed.ts";
import { LiveStreamHandler } from "../../pipeline/sinks/live/LiveStreamHandler.ts";
import { retryUntilDone } from "../../platform/async/retryUntilDone.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import { migrate } from "../../players/database/migrate.ts";
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
  /** Null if this process needs no database. */
  readonly stores: Stores | null;
  /** Calls back after the sinks of this process have committed ratings. */
  onRatings(listener: () => void): void;
  /** Resolves once the operational tables have the schema of this build. */
  readonly migrated: Promise<void>;
  /** The reasons why the process is not ready, one line each; empty if it is ready. */
  problems(): Promise<readonly string[]>;
  /** What an operator should know although the process is ready, one line each. */
  warnings(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export interface DataServicesDeps {
  readonly config: Config;
  readonly games: readonly Game[];
  readonly metrics: Metrics;
  readonly lateness: LatenessWindow;
  readonly log: Logger;
}

export async function openDataServices({
  config,
  games,
  metrics,
  lateness,
  log,
}: DataServicesDeps): Promise<DataServices> {
  const stores = await openStores(config);
  // Rooms must run while the database is unavailable. It is retried meanwhile, and `/readyz` reports the problem.
  const migrated = stores === null ? null : migrateUntilDone(stores, log);
  const pipeline = await openPipeline({ config, stores, games, log });
  const { tickEvents, writer, feed } = pipeline;
  const live = new LiveStreamHandler({ feed });
  const rooms = () => matchMaker.stats.local.roomCount;
  const players = () => matchMaker.stats.local.ccu;
  metrics.addGauges({
    ...{ rooms, players },
    outbox: () => tickEvents?.stats() ?? null,
    relay: pipeline.relay,
    sinks: pipeline.sinks,
  });
  const stopStats =
    writer === null || tickEvents === null
      ? () => {}
      : publishStats(writer, tickEvents, { process: () => matchMaker.processId, lateness, rooms, players });

  return {
    ...{ tickEvents, writer, live, stores },
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
    onRatings: pipeline.onRatings,
    migrated: migrated?.done ?? Promise.resolve(),
    async problems() {
      const [sinks, database] = await Promise.all([pipeline.sinks(), stores === null ? null : checkDatabase(stores)]);
      const lines = [
        migrated?.problem() ?? null,
        database,
        tickEvents?.refusal() ?? null,
        pipeline.relay()?.problem ?? null,
        feed.problem(),
        ...(sinks?.problems ?? []),
      ];
      return [...new Set(lines.filter((line) => line !== null))];
    },
    warnings: () => outboxWarnings(config.dataDir),
    async stop() {
      stopStats();
      migrated?.stop();
      await live.close();
      await pipeline.stop();
      await stores?.close();
    },
  };
}

const MIGRATION_FIRST_MS = 1000;
const MIGRATION_LAST_MS = 15_000;
const DATABASE_TIMEOUT_MS = 1000;

/** Returns the problem of the operational database, after a query: nothing else may have used it since its state changed. */
async function checkDatabase({ operational, locations }: Stores): Promise<string | null> {
  const noResponse = `${locations.operational.variable}: the database did not respond within ${DATABASE_TIMEOUT_MS} ms`;
  const checked = operational.check().then(
    () => null,
    (error: Error) => error.message,
  );
  const timeout = new Promise<string>((resolve) => setTimeout(resolve, DATABASE_TIMEOUT_MS, noResponse).unref());
  return Promise.race([checked, timeout]);
}

/** Migrates the operational database, as often as necessary. `done` resolves once that has succeeded. */
function migrateUntilDone(
  { operational }: Stores,
  log: Logger,
): { readonly done: Promise<void>; problem(): string | null; stop(): void } {
  const done = Promise.withResolvers<void>();
  const stopping = new AbortController();
  let problem: string | null = "the operational database is not migrated yet";
  const pauses = { firstMs: MIGRATION_FIRST_MS, lastMs: MIGRATION_LAST_MS, signal: stopping.signal };
  const migrated = retryUntilDone(
    () => migrate(operational),
    pauses,
    (error, retryInMs) => {
      problem = error.message;
      log.warn({ retryInMs, error: problem }, "migration of the operational database failed; retrying");
    },
  );
  void migrated.then((succeeded) => {
    if (!succeeded) return;
    problem = null;
    done.resolve();
  });
  return { done: done.promise, problem: () => problem, stop: () => stopping.abort() };
}
