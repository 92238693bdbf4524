/**
 * The Prometheus metrics of this process. Dashboards rely on their names. Gauges are read when they are scraped, without
 * timers.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { TickEventsStats } from "../../pipeline/events/OutboxTickEvents.ts";
import type { RelayStats } from "../../pipeline/relay/runRelay.ts";
import type { SinksStats } from "../sinks/threadApis.ts";
import { StepHistogram } from "./StepHistogram.ts";

const MS = 1000;
const LATENESS_BUCKETS_SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1];
const STEP_BUCKETS_SECONDS = [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05];
const WAIT_BUCKETS_SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300];

/** Sources of the gauges. Null: this process does not run that part. */
interface MetricSources {
  rooms(): number;
  players(): number;
  outbox(): TickEventsStats | null;
  relay(): RelayStats | null;
  sinks(): Promise<SinksStats | null>;
}

export class Metrics {
  readonly registry = new Registry();
  readonly #lateness = this.#stepHistogram("tick_lateness_seconds", "how late steps began", LATENESS_BUCKETS_SECONDS);
  readonly #steps = this.#stepHistogram("step_seconds", "how long steps took", STEP_BUCKETS_SECONDS);
  readonly #waits = this.#histogram("queue_wait_seconds", "how long matched players waited", WAIT_BUCKETS_SECONDS);
  readonly #joins = this.#counter("joins_total", "players who joined a match", ["mode"]);
  readonly #refused = this.#counter("refused_total", "players refused", ["reason"]);

  constructor() {
    // CPU, memory, open files, handles. By default, its event-loop monitor wakes the process a hundred times a second.
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 1000 });
  }

  recordStep(mode: string, lateMs: number, tookMs: number): void {
    this.#lateness.observe(mode, lateMs / MS);
    this.#steps.observe(mode, tookMs / MS);
  }

  recordJoin(mode: string): void {
    this.#joins.inc({ mode });
  }

  recordRefusal(reason: string): void {
    this.#refused.inc({ reason });
  }

  recordWait(mode: string, waitMs: number): void {
    this.#waits.observe({ mode }, waitMs / MS);
  }

  /** Adds the gauges that are read from other parts at each scrape. */
  addGauges(sources: MetricSources): void {
    this.#gauge("rooms", "rooms of this process", () => ({ "": sources.rooms() }));
    this.#gauge("players", "players in the rooms of this process", () => ({ "": sources.players() }));
    this.#gauge("outbox_bytes", "size of the outbox", () => unlabelled(sources.outbox()?.outboxBytes));
    this.#gauge("outbox_oldest_seconds", "age of the oldest unsent record", () =>
      unlabelled(sources.outbox()?.oldestSeconds),
    );
    this.#gauge("outbox_commit_lag_seconds", "age of the oldest record not yet on disk", () =>
      unlabelled(sources.outbox() === null ? undefined : sources.outbox()!.commitLagMs / MS),
    );
    this.#gauge("events_total", "events recorded", () => sources.outbox()?.events ?? {}, "topic");
    this.#gauge("shed_total", "events dropped on overflow", () => sources.outbox()?.shed ?? {}, "topic");
    this.#gauge("relay_acknowledged_total", "messages acknowledged by the brokers", () =>
      unlabelled(sources.relay()?.acknowledgedTotal),
    );
    this.#gauge(
      "sink_lag_seconds",
      "age of the oldest message not yet applied",
      async () => lagOf(await sources.sinks()),
      "sink",
    );
    this.#gauge(
      "sink_rejected_total",
      "messages rejected by the sink as invalid",
      async () => (await sources.sinks())?.rejected ?? {},
      "sink",
    );
  }

  /** Adds the number of waiting players, by mode. */
  addQueueGauge(waiting: () => Promise<Readonly<Record<string, number>>>): void {
    this.#gauge("queue_waiting", "players in the queue", waiting, "mode");
  }

  #stepHistogram(name: string, help: string, bounds: readonly number[]): StepHistogram {
    return new StepHistogram(this.registry, `hypogeum_${name}`, help, bounds);
  }

  #histogram(name: string, help: string, buckets: number[]): Histogram<"mode"> {
    return new Histogram({ name: `hypogeum_${name}`, help, buckets, labelNames: ["mode"], registers: [this.registry] });
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name: `hypogeum_${name}`, help, labelNames, registers: [this.registry] });
  }

  /** One value per value of `label`. Without a label, `read` returns one value under the key "". */
  #gauge(
    name: string,
    help: string,
    read: () => Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>,
    label?: string,
  ): void {
    const gauge: Gauge<string> = new Gauge({
      ...{ name: `hypogeum_${name}`, help, registers: [this.registry] },
      labelNames: label === undefined ? [] : [label],
      async collect() {
        gauge.reset();
        for (const [key, value] of Object.entries(await read())) {
          if (label === undefined) gauge.set(value);
          else gauge.set({ [label]: key }, value);
        }
      },
    });
  }
}

const unlabelled = (value: number | undefined): Record<string, number> => (value === undefined ? {} : { "": value });
const lagOf = (stats: SinksStats | null): Readonly<Record<string, number>> => stats?.lag ?? {};
