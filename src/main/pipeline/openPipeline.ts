/**
 * The path of events out of a process: the outbox that rooms write to, the relay that sends it to Kafka, and the sinks. The roles
 * of the process decide which of them run. Without Kafka, the outbox itself is the log.
 */
import type { Logger } from "pino";
import type { Game } from "../../game/Game.ts";
import { closeOpenMatches } from "../../pipeline/events/closeOpenMatches.ts";
import { moveRecords } from "../../pipeline/events/moveRecords.ts";
import { OutboxTickEvents } from "../../pipeline/events/OutboxTickEvents.ts";
import { kafkaConfig } from "../../pipeline/kafka/config.ts";
import type { OutboxMode } from "../../pipeline/outbox/modes.ts";
import type { OutboxWriter } from "../../pipeline/outbox/Outbox.ts";
import { openWriter } from "../../pipeline/outbox/openOutbox.ts";
import { outboxWarnings } from "../../pipeline/outbox/outboxWarnings.ts";
import type { RelayStats, RunningRelay } from "../../pipeline/relay/runRelay.ts";
import { startRelayThread } from "../../pipeline/relay/startRelayThread.ts";
import { EventCatalogue } from "../../pipeline/sinks/eventCatalogue.ts";
import type { LiveFeed } from "../../pipeline/sinks/live/LiveFeed.ts";
import { RedisFeed } from "../../pipeline/sinks/live/RedisFeed.ts";
import { RingFeed } from "../../pipeline/sinks/live/RingFeed.ts";
import { waitMs } from "../../platform/async/waiting.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import type { Role } from "../../platform/config/settings.ts";
import type { Health } from "../../platform/health/Health.ts";
import type { Tracer } from "../../platform/tracing/Tracer.ts";
import { lakeFlushOf } from "../lakeFlush.ts";
import { logTopics } from "../logTopics.ts";
import { retentionDaysOf } from "../retentionDays.ts";
import { SinksThread } from "../sinks/SinksThread.ts";
import { ThreadConditions } from "../sinks/ThreadConditions.ts";
import type { GameThreadApi, SinksStats } from "../sinks/threadApis.ts";
import { hearRatings } from "./hearRatings.ts";
import type { Stores } from "./openStores.ts";

const MEBIBYTE = 2 ** 20;
/** How soon a running program reads an outbox that was salvaged. */
const MOVE_EVERY_MS = 5000;

interface Pipeline {
  /** Null if this process neither hosts rooms nor pairs the queue. */
  readonly tickEvents: OutboxTickEvents | null;
  readonly writer: OutboxWriter | null;
  readonly feed: LiveFeed;
  relay(): RelayStats | null;
  sinks(): Promise<SinksStats | null>;
  /**
   * Calls back after the sinks of this process have committed the ratings of these matches. If joins and matches are traced, also
   * after the sinks of other processes have, unless a notification is lost.
   */
  onRatings(listener: (matchIds: readonly string[]) => void): void;
  /**
   * Stops in the direction of the data, so that the last records are still sent and stored if their receivers are available.
   */
  stop(): Promise<void>;
}

interface PipelineDeps {
  readonly config: Config;
  readonly stores: Stores | null;
  readonly games: readonly Game[];
  readonly tracer: Tracer;
  readonly health: Health;
  readonly log: Logger;
}

/**
 * Opens the outbox, aborts the matches that the previous process of this outbox left open, and starts relay and sinks.
 */
export async function openPipeline({ config, stores, games, tracer, health, log }: PipelineDeps): Promise<Pipeline> {
  const has = (role: Role): boolean => config.roles.includes(role);
  const kafka = kafkaConfig(config.env);
  const feed = openFeed(config);
  const ratingListeners: ((matchIds: readonly string[]) => void)[] = [];
  const onRatingsChanged = (matchIds: readonly string[]): void => {
    for (const listener of ratingListeners) listener(matchIds);
  };
  const writer = has("game") || has("api") ? await openOutbox(config, log) : null;
  const { dataDir } = config;
  for (const line of await outboxWarnings(dataDir)) log.warn({ dataDir, outbox: writer?.id }, line);
  const tickEvents =
    writer === null
      ? null
      : new OutboxTickEvents({
          ...{ writer, games, now: Date.now },
          onFault: (err) => log.error({ err }, "recording a tick failed; its events are lost"),
        });
  const relay: RunningRelay | null =
    kafka !== null && has("relay")
      ? startRelayThread(
          { dataDir: config.dataDir, kafka, topics: logTopics(new EventCatalogue(games)) },
          config.logLevel,
          log.child({ part: "relay" }),
          config.processName,
          tracer,
        )
      : null;
  const sinks =
    has("sinks") && stores !== null
      ? new SinksThread(
          { ...sinksSettings(config, stores, kafka === null ? writer : null), isTraced: tracer.isOn },
          {
            ...gameThreadApi(writer, feed, new ThreadConditions(health, "sinks")),
            ratingsChanged: onRatingsChanged,
            recordSpan: (span) => tracer.record(span),
          },
          log.child({ part: "sinks" }),
        )
      : null;

  // Rankings read changes regularly anyway. Only traces need the ids of the matches.
  const stopHearing =
    tracer.isOn && sinks === null && has("api") && config.redisUrl !== undefined
      ? hearRatings(feed, onRatingsChanged)
      : () => {};
  const stopMoving =
    writer !== null && kafka === null && sinks !== null
      ? keepMovingRecords(config.dataDir, writer, log)
      : async () => {};

  return {
    ...{ tickEvents, writer, feed },
    relay: () => relay?.stats() ?? null,
    sinks: async () => (await sinks?.stats()) ?? null,
    onRatings: (listener) => void ratingListeners.push(listener),
    async stop() {
      stopHearing();
      await stopMoving();
      await writer?.whenCommitted().catch(() => {});
      await Promise.all([relay?.stop(), sinks?.stop()]);
      await writer?.close();
      await feed.close();
    },
  };
}

function openFeed({ redisUrl, namespace }: Config): LiveFeed {
  return redisUrl === undefined ? new RingFeed({ now: Date.now }) : new RedisFeed({ url: redisUrl, namespace });
}

async function openOutbox({ dataDir, outboxMaxMb }: Config, log: Logger): Promise<OutboxWriter> {
  const onDamaged = ({ message }: Error) => log.debug({ dataDir }, `${message}. This process uses another outbox`);
  const writer = await openWriter(dataDir, { limitBytes: outboxMaxMb * MEBIBYTE }, onDamaged);
  logRefusals(writer, log);
  const { closed, unreadable, disconnected } = await closeOpenMatches(writer, Date.now());
  if (closed > 0 || disconnected > 0)
    log.info(
      { closed, disconnected },
      "ended the unfinished matches and the connections of the previous process of this outbox",
    );
  if (unreadable > 0)
    log.warn(
      { unreadable },
      "this build cannot read the records of some unfinished matches; these matches get no `ended` event until a build that can read them starts",
    );
  return writer;
}

/** Logs when the outbox begins to refuse new matches because it is full or fails, and when it accepts them again. */
function logRefusals(writer: OutboxWriter, log: Logger): void {
  const { id, directory } = writer;
  let logged: OutboxMode = "open";
  // Later, because `refusal` may change the mode again.
  const logMode = () => {
    const reason = writer.refusal();
    const { mode } = writer;
    // A commit that is late for a moment is not worth a line.
    if (mode === logged || mode === "closed" || mode === "refusing") return;
    logged = mode;
    if (mode === "open") log.info({ outbox: id }, "the outbox accepts new matches again");
    else log.warn({ outbox: id, directory, mode }, reason ?? "the outbox refuses new matches");
  };
  writer.onMode(() => void setImmediate(logMode));
}

/** Moves the records of other outboxes into this one until the returned function is called. */
function keepMovingRecords(dataDir: string, writer: OutboxWriter, log: Logger): () => Promise<void> {
  const stopping = new AbortController();
  const empty = new Set<string>();
  const run = async () => {
    while (!stopping.signal.aborted) {
      const moved = await moveRecords(dataDir, writer, empty, Date.now).catch((error: Error) => {
        log.warn({ error: error.message }, "moving the records of another outbox failed; retrying");
        return [];
      });
      for (const { outboxId, records } of moved)
        log.info({ outbox: outboxId, records }, "read the rest of another outbox");
      await waitMs(MOVE_EVERY_MS, stopping.signal);
    }
  };
  const done = run();
  return async () => {
    stopping.abort();
    await done;
  };
}

function sinksSettings(config: Config, stores: Stores, outbox: OutboxWriter | null) {
  return {
    gamesModule: config.games,
    env: config.env,
    outbox: outbox === null ? null : { logId: outbox.logId, directory: outbox.directory },
    dataDir: config.dataDir,
    ...stores.locations,
    redisUrl: config.redisUrl ?? null,
    warehouseMoveTicks: config.warehouseMoveTicks,
    retentionDays: retentionDaysOf(config),
    lakeFlush: lakeFlushOf(config),
    logLevel: config.logLevel,
  };
}

function gameThreadApi(
  writer: OutboxWriter | null,
  feed: LiveFeed,
  conditions: ThreadConditions,
): Omit<GameThreadApi, "ratingsChanged" | "recordSpan"> {
  return {
    async append(records) {
      for (const bytes of records) {
        if (writer === null || writer.append(bytes, bytes.length) === 0)
          throw new Error(writer?.refusal() ?? "the outbox did not accept the message");
      }
      await writer?.whenCommitted();
    },
    watermarks: () => ({ appended: writer?.appended ?? 0, committed: writer?.committed ?? 0 }),
    feedCursor: (partition) => feed.cursor(partition),
    feedPublish: (entries) => feed.publish(entries),
    feedAppend: (partition, from, to, entries) => feed.append(partition, from, to, entries),
    report: (name, line, breaks) => conditions.report(name, line, breaks),
    clear: (name) => conditions.clear(name),
    clearAll: () => conditions.clearAll(),
  };
}
