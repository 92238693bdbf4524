/** The sinks that a program runs, each a consumer group of the same log. Knows no thread and no configuration. */
import type { EventLog } from "../../pipeline/log/EventLog.ts";
import type { EventCatalogue } from "../../pipeline/sinks/eventCatalogue.ts";
import { lakeSink } from "../../pipeline/sinks/lake/LakeSink.ts";
import type { LiveFeed } from "../../pipeline/sinks/live/LiveFeed.ts";
import { liveSink } from "../../pipeline/sinks/live/LiveSink.ts";
import { Rejections } from "../../pipeline/sinks/Rejections.ts";
import { createRejects } from "../../pipeline/sinks/rejects.ts";
import type { MatchResults, RatingsChanged } from "../../pipeline/sinks/results/EndedMatch.ts";
import { resultsSink } from "../../pipeline/sinks/results/ResultsSink.ts";
import type { RetentionOptions } from "../../pipeline/sinks/retention/Retention.ts";
import { type RunningSink, runSink, type Sink, type SinkMetrics } from "../../pipeline/sinks/runSink.ts";
import { warehouseSink } from "../../pipeline/sinks/warehouse/WarehouseSink.ts";
import type { Health } from "../../platform/health/Health.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import type { ObjectStore } from "../../platform/objectStore/ObjectStore.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import type { Tracer } from "../../platform/tracing/Tracer.ts";
import type { LakeFlush } from "../lakeFlush.ts";
import type { RetentionDays } from "../retentionDays.ts";
import { operationalRetentions } from "./operationalRetentions.ts";

/** Names of the sinks, which are also their consumer groups. */
export const SINKS = ["warehouse", "lake", "live", "results"] as const;

type SinkName = (typeof SINKS)[number];

interface SinksOptions {
  readonly log: EventLog;
  /** Where rejected messages go; usually the log. */
  readonly rejected: Pick<EventLog, "publish">;
  readonly catalogue: EventCatalogue;
  readonly operational: Sql;
  readonly warehouse: Sql;
  readonly objects: ObjectStore;
  readonly feed: LiveFeed;
  readonly results: MatchResults;
  /** Called after ratings are committed. */
  readonly ratingsChanged: (changed: readonly RatingsChanged[]) => void;
  /** WAREHOUSE_MOVE_TICKS. */
  readonly warehouseMoveTicks: number;
  readonly retentionDays: RetentionDays;
  readonly lakeFlush: LakeFlush;
  readonly metrics: SinkMetrics;
  readonly tracer: Tracer;
  readonly logger: Logger;
  readonly health: Pick<Health, "report" | "clear">;
  /** Unix ms. */
  readonly now: () => number;
}

function retentionOptions(
  name: string,
  { now, retentionDays, metrics, logger, health }: SinksOptions,
): RetentionOptions {
  const condition = `retention of ${name}`;
  const sink = name.split(" ")[0];
  return {
    ...{ now, retentionDays: retentionDays.events },
    warn: (line) => logger.warn({ sink }, line),
    inform: (line) => logger.info({ sink }, line),
    deleted: (days) => metrics.deleted(name, days),
    report: (line) => (line === null ? health.clear(condition) : health.report(condition, line)),
  };
}

/** Reports which messages of the log a sink has missed, or which messages of the lake were deleted. */
function missingReport(sink: SinkName, { health }: SinksOptions): (line: string | null) => void {
  const condition = `messages that ${sink} has missed`;
  return (line) => (line === null ? health.clear(condition) : health.report(condition, line));
}

/** Reports which views of the warehouse cannot be updated. */
function viewReport({ health }: SinksOptions): (view: string, line: string | null) => void {
  return (view, line) => (line === null ? health.clear(`view ${view}`) : health.report(`view ${view}`, line));
}

function rejectionsOf(sink: SinkName, { logger, health }: SinksOptions): Rejections {
  const condition = `messages that ${sink} rejects`;
  return new Rejections(sink, {
    warn: (line, fields) => logger.warn({ sink, ...fields }, line),
    report: (line) => (line === null ? health.clear(condition) : health.report(condition, line)),
  });
}

function makeSink(name: SinkName, options: SinksOptions, rejections: Rejections): Sink {
  const { catalogue, now, logger } = options;
  const rejects = createRejects(options.rejected, name, (reject) => {
    options.metrics.rejected(name, reject.reason);
    rejections.add(reject);
  });
  const warn = (line: string) => logger.warn({ sink: name }, line);
  const retention = retentionOptions(name, options);
  const reportMissing = missingReport(name, options);
  switch (name) {
    case "warehouse":
      return warehouseSink({
        ...{ catalogue, rejects, reportMissing, ...retention },
        ...{ sql: options.warehouse, reportView: viewReport(options) },
        moveTicks: options.warehouseMoveTicks,
      });
    case "lake":
      return lakeSink({
        ...{ catalogue, rejects, ...retention },
        log: options.log,
        objects: options.objects,
        putFailed: () => options.metrics.putFailed(name),
        reportLost: reportMissing,
        flushAfterMs: options.lakeFlush.eventsMs,
        samplesFlushAfterMs: options.lakeFlush.samplesMs,
        fileBytesMax: options.lakeFlush.bytes,
      });
    case "live":
      return liveSink({ feed: options.feed, catalogue, rejects, now });
    case "results":
      return resultsSink({
        ...{ catalogue, rejects, warn, reportMissing, tracer: options.tracer },
        retentions: operationalRetentions(options.operational, options.retentionDays, (of) =>
          retentionOptions(of, options),
        ),
        ...{ sql: options.operational, results: options.results, onCommitted: options.ratingsChanged },
      });
  }
}

/**
 * Starts every sink. Services that are unavailable at the start are retried forever; `problems()` of the sink reports it
 * meanwhile.
 */
export function runSinks(options: SinksOptions): Promise<RunningSink[]> {
  return Promise.all(
    SINKS.map((name) => {
      const rejections = rejectionsOf(name, options);
      return runSink(options.log, rejections.watch(makeSink(name, options, rejections)));
    }),
  );
}
