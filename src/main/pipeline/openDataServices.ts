/**
 * Owns everything of this process that no tick waits for: databases, outbox, relay, sinks, live feed and statistics, opened
 * and stopped in the order in which they need each other.
 */
import { matchMaker } from "@colyseus/core";
import type { Logger } from "pino";
import type { Game } from "../../game/Game.ts";
import type { OutboxTickEvents } from "../../pipeline/events/OutboxTickEvents.ts";
import type { OutboxWriter } from "../../pipeline/outbox/Outbox.ts";
import { LiveEvents } from "../../pipeline/sinks/live/LiveEvents.ts";
import type { LiveEntry } from "../../pipeline/sinks/live/LiveFeed.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import { migrate } from "../../players/store/migrate.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { type LatenessWindow, publishStats } from "../metrics/publishStats.ts";
import { openPipeline } from "./openPipeline.ts";
import { openStores, type Stores } from "./openStores.ts";

export interface DataServices {
  /** Null where this process neither hosts rooms nor pairs the queue. */
  readonly tickEvents: OutboxTickEvents | null;
  /** As `tickEvents`. */
  readonly writer: OutboxWriter | null;
  readonly live: LiveEvents;
  /** Tells players what is theirs alone, wherever they listen; at most once, and never waits. */
  notify(entries: readonly LiveEntry[]): void;
  /** Null in a process that needs no database. */
  readonly stores: Stores | null;
  /** Calls back after ratings were committed by the sinks of this process. */
  onRatings(listener: () => void): void;
  /** Resolves once the operational tables are those of this build. */
  readonly migrated: Promise<void>;
  /** Why the process is not ready, one line each; empty when all is well. */
  problems(): Promise<readonly string[]>;
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
  // A database that is away must not keep rooms from being played; it is tried again, and `/readyz` says so.
  const migrated = stores === null ? null : retryUntilDone(() => migrate(stores.operational), log);
  const pipeline = await openPipeline({ config, stores, games, log });
  const { tickEvents, writer, feed } = pipeline;
  const live = new LiveEvents({ feed });
  const rooms = () => matchMaker.stats.local.roomCount;
  const players = () => matchMaker.stats.local.ccu;
  metrics.read({
    ...{ rooms, players },
    outbox: () => tickEvents?.stats() ?? null,
    relay: pipeline.relay,
    sinks: pipeline.sinks,
  });
  const endStats =
    writer === null || tickEvents === null
      ? () => {}
      : publishStats(writer, tickEvents, { process: () => matchMaker.processId, lateness, rooms, players });

  return {
    ...{ tickEvents, writer, live, stores },
    notify(entries) {
      feed.publish(entries).catch((error) => log.debug({ error: error.message }, "players were not told"));
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
    async stop() {
      endStats();
      migrated?.stop();
      await live.close();
      await pipeline.stop();
      await stores?.close();
    },
  };
}

const TRY_AGAIN_MS = 2000;
const ANSWER_WITHIN_MS = 1000;

/** Asks the operational database itself: nobody else in this process may have used it since it went away, or came back. */
async function checkDatabase({ operational, locations }: Stores): Promise<string | null> {
  const silent = `${locations.operational.variable}: the database does not answer`;
  const asked = operational.check().then(
    () => null,
    (error: Error) => error.message,
  );
  const timeout = new Promise<string>((resolve) => setTimeout(resolve, ANSWER_WITHIN_MS, silent).unref());
  return Promise.race([asked, timeout]);
}

/** Does `work` until it has worked once, which settles `done`. */
function retryUntilDone(
  work: () => Promise<unknown>,
  log: Logger,
): { readonly done: Promise<void>; problem(): string | null; stop(): void } {
  const done = Promise.withResolvers<void>();
  let problem: string | null = "the operational database has not been looked at yet";
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const attempt = async (): Promise<void> => {
    try {
      await work();
      problem = null;
      done.resolve();
    } catch (error) {
      problem = (error as Error).message;
      log.warn({ error: problem }, "the operational database could not be prepared; trying again");
      if (!stopped) timer = setTimeout(() => void attempt(), TRY_AGAIN_MS);
    }
  };
  void attempt();
  return {
    done: done.promise,
    problem: () => problem,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
