/**
 * The Prometheus metrics of this process. Dashboards rely on their names. Gauges are read when they are scraped, without
 * timers.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { TickEventsStats } from "../../pipeline/events/OutboxTickEvents.ts";
import type { RelayStats } from "../../pipeline/relay/runRelay.ts";
import type { Ladder } from "../../players/rating/Ladder.ts";
import type { SinksStats } from "../sinks/threadApis.ts";
import { StepHistogram } from "./StepHistogram.ts";

const MS = 1000;
const LATENESS_BUCKETS_SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1];
const STEP_BUCKETS_SECONDS = [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05];
const WAIT_BUCKETS_SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300];

const OPERATOR_REFUSALS = ["OPERATOR_ONLY", "OPERATOR_ROLE", "CROSS_SITE", "TOO_MANY_REQUESTS", "UNAVAILABLE"];

/** Null: this process does not run that part, and has no metrics of it. */
interface MetricSources {
  rooms(): number;
  players(): number;
  readonly outbox: (() => TickEventsStats) | null;
  /** OUTBOX_MAX_MB, in bytes. */
  readonly outboxLimitBytes: number;
  readonly relay: (() => RelayStats) | null;
  readonly sinks: (() => Promise<SinksStats | null>) | null;
}

type Values = Readonly<Record<string, number>>;
type Read = () => Values | Promise<Values>;

export class Metrics {
  readonly registry = new Registry();
  readonly #lateness = this.#stepHistogram("tick_lateness_seconds", "how late steps began", LATENESS_BUCKETS_SECONDS);
  readonly #steps = this.#stepHistogram("step_seconds", "how long steps took", STEP_BUCKETS_SECONDS);
  readonly #slowSteps = this.#counter("slow_steps_total", "steps that took at least half of their tick", [
    "game",
    "mode",
  ]);
  readonly #waits = this.#histogram("queue_wait_seconds", "how long matched players waited", WAIT_BUCKETS_SECONDS);
  readonly #joins = this.#counter("joins_total", "players who joined a match", ["game", "mode"]);
  readonly #refused = this.#counter("refused_total", "players refused", ["reason"]);
  readonly #refusedOperators = this.#counter(
    "operator_refused_total",
    "requests with credentials of operators that were refused",
    ["reason"],
  );

  constructor() {
    // From 0, so that the first refusal is an increase.
    for (const reason of OPERATOR_REFUSALS) this.#refusedOperators.inc({ reason }, 0);
    // CPU, memory, open files, handles. By default, its event-loop monitor wakes the process a hundred times a second.
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 1000 });
  }

  recordStep({ game, mode }: Ladder, lateMs: number, tookMs: number): void {
    this.#lateness.observe(game, mode, lateMs / MS);
    this.#steps.observe(game, mode, tookMs / MS);
  }

  recordSlowStep({ game, mode }: Ladder): void {
    this.#slowSteps.inc({ game, mode });
  }

  recordJoin({ game, mode }: Ladder): void {
    this.#joins.inc({ game, mode });
  }

  recordRefusal(reason: string): void {
    this.#refused.inc({ reason });
  }

  recordOperatorRefusal(reason: string): void {
    this.#refusedOperators.inc({ reason });
  }

  recordWait({ game, mode }: Ladder, waitMs: number): void {
    this.#waits.observe({ game, mode }, waitMs / MS);
  }

  /** Adds the metrics that are read from other parts at each scrape. */
  addSources({ rooms, players, outbox, outboxLimitBytes, relay, sinks }: MetricSources): void {
    this.#gauge("rooms", "rooms of this process", () => ({ "": rooms() }));
    this.#gauge("players", "players in the rooms of this process", () => ({ "": players() }));
    if (outbox !== null || relay !== null) {
      // A relay drains all outboxes of its host, that of its own process too.
      const largest = (own?: number, ofRelay?: number) => ({ "": Math.max(own ?? 0, ofRelay ?? 0) });
      this.#gauge("outbox_bytes", "size of the outbox; of all outboxes of the host, for a relay", () =>
        largest(outbox?.().outboxBytes, relay?.().outboxBytes),
      );
      this.#gauge("outbox_oldest_seconds", "age of the oldest unsent record", () =>
        largest(outbox?.().oldestSeconds, relay?.().oldestSeconds),
      );
    }
    if (outbox !== null) this.#addOutbox(outbox, outboxLimitBytes);
    if (relay !== null) this.#addRelay(relay);
    if (sinks !== null) this.#addSinks(sinks);
  }

  #addOutbox(stats: () => TickEventsStats, limitBytes: number): void {
    this.#gauge("outbox_limit_bytes", "size at which this process refuses new matches and drops events", () => ({
      "": limitBytes,
    }));
    this.#gauge("outbox_commit_lag_seconds", "age of the oldest record not yet on disk", () => ({
      "": stats().commitLagMs / MS,
    }));
    this.#total("events_total", "events recorded", () => stats().events, "topic");
    this.#total("shed_total", "events dropped on overflow", () => shedOf(stats()), "topic");
  }

  #addRelay(stats: () => RelayStats): void {
    this.#total("relay_acknowledged_total", "messages acknowledged by the brokers", () => ({
      "": stats().acknowledgedTotal,
    }));
    this.#total("relay_refused_total", "attempts that the brokers refused", () => stats().refusals, "topic");
    this.#gauge(
      "relay_held_seconds",
      "age of the oldest message of a topic that accepts none",
      () => stats().heldSeconds,
      "topic",
    );
  }

  #addSinks(stats: () => Promise<SinksStats | null>): void {
    const add = (type: "gauge" | "total", name: string, help: string, read: (of: SinksStats) => Values) => {
      const values = async () => {
        const known = await stats();
        return known === null ? {} : read(known);
      };
      if (type === "gauge") this.#gauge(name, help, values, "sink");
      else this.#total(name, help, values, "sink");
    };
    add("gauge", "sink_lag_seconds", "age of the oldest message not yet stored", ({ lag }) => lag);
    add("total", "sink_rejected_total", "messages rejected by the sink as invalid", ({ rejected }) => rejected);
    add(
      "total",
      "sink_put_failures_total",
      "files that could not be stored; each is tried again",
      (of) => of.putFailures,
    );
    add(
      "total",
      "retention_deleted_days_total",
      "days whose data was deleted because it was too old",
      (of) => of.deletedDays,
    );
  }

  /** Adds what waits in the operational database to be published, by kind: number of events, and age of the oldest. */
  addUnpublished(count: Read, oldestSeconds: Read): void {
    this.#gauge("unpublished_events", "events in the database that no outbox has yet", count, "kind");
    this.#gauge("unpublished_oldest_seconds", "age of the oldest event that no outbox has yet", oldestSeconds, "kind");
  }

  /** Adds the number of ticks that were never computed. */
  addDroppedTicks(dropped: () => number): void {
    this.#total("ticks_dropped_total", "ticks never computed, because their room was too far behind", () => ({
      "": dropped(),
    }));
  }

  /** Adds the number of waiting players, by game and mode. */
  addQueueGauge(waiting: () => Promise<readonly (Ladder & { readonly players: number })[]>): void {
    new Gauge({
      ...{ name: "hypogeum_queue_waiting", help: "players in the queue", labelNames: ["game", "mode"] },
      registers: [this.registry],
      async collect() {
        const rows = await waiting();
        this.reset();
        for (const { game, mode, players } of rows) this.set({ game, mode }, players);
      },
    });
  }

  #stepHistogram(name: string, help: string, bounds: readonly number[]): StepHistogram {
    return new StepHistogram(this.registry, `hypogeum_${name}`, help, bounds);
  }

  #histogram(name: string, help: string, buckets: number[]): Histogram<"game" | "mode"> {
    const labelNames = ["game", "mode"] as const;
    return new Histogram({ name: `hypogeum_${name}`, help, buckets, labelNames, registers: [this.registry] });
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name: `hypogeum_${name}`, help, labelNames, registers: [this.registry] });
  }

  /** One value per value of `label`. Without a label, `read` returns one value under the key "". */
  #gauge(name: string, help: string, read: Read, label?: string): void {
    const gauge: Gauge<string> = new Gauge({
      ...this.#read(name, help, label),
      async collect() {
        const values = Object.entries(await read());
        gauge.reset();
        for (const [key, value] of values) gauge.set(label === undefined ? {} : { [label]: key }, value);
      },
    });
  }

  /** As `#gauge`, for totals that are counted elsewhere and only grow. */
  #total(name: string, help: string, read: Read, label?: string): void {
    const counter: Counter<string> = new Counter({
      ...this.#read(name, help, label),
      async collect() {
        const values = Object.entries(await read());
        counter.reset();
        for (const [key, value] of values) counter.inc(label === undefined ? {} : { [label]: key }, value);
      },
    });
  }

  #read(name: string, help: string, label: string | undefined) {
    const labelNames = label === undefined ? [] : [label];
    return { name: `hypogeum_${name}`, help, labelNames, registers: [this.registry] };
  }
}

/** Dropped events by topic: 0 for every topic that has events, so that the first dropped event is an increase. */
function shedOf({ events, shed }: TickEventsStats): Values {
  return { ...Object.fromEntries(Object.keys(events).map((topic) => [topic, 0])), ...shed };
}
