/** For each alert: series with one value a minute in which it becomes true, and when it must fire and must not. */

export interface AlertCase {
  readonly alert: string;
  /** By name with labels. The notation is that of `promtool test rules`. */
  readonly series: Readonly<Record<string, string>>;
  /** Minutes. Null: never in this case. */
  readonly firesAt: number | null;
  readonly quietAt: number;
}

const TARGET = 'job="hypogeum",instance="a:2600"';
/** A name that needs no labels of its own. */
const of = (metric: string, labels = ""): string => `${metric}{${TARGET}${labels === "" ? "" : `,${labels}`}}`;
const conditions = (about: string, severity = "warning"): string =>
  of("hypogeum_conditions", `about="${about}",severity="${severity}"`);

/** Fails in minute 11, and stays so. */
const failing = (alert: string, about: string, severity?: string): AlertCase => ({
  alert,
  series: { [conditions(about, severity)]: "0x10 1x30" },
  firesAt: 35,
  quietAt: 10,
});

/** The share of one mode's steps in the bucket falls in minute 11. */
const steps = (metric: string, le: string, after: string): AlertCase["series"] => ({
  [of(`${metric}_bucket`, `game="arena",mode="duel",le="${le}"`)]: `0+1200x10 ${after}`,
  [of(`${metric}_bucket`, 'game="arena",mode="duel",le="0.05"')]: "0+1200x40",
  [of(`${metric}_bucket`, 'game="arena",mode="duel",le="+Inf"')]: "0+1200x40",
  [of(`${metric}_count`, 'game="arena",mode="duel"')]: "0+1200x40",
});

const outbox = (bytes: number): AlertCase["series"] => ({
  [of("hypogeum_outbox_bytes")]: `10x10 ${bytes}x20`,
  [of("hypogeum_outbox_limit_bytes")]: "1000x40",
});

export const alertCases: readonly AlertCase[] = [
  { alert: "HypogeumDown", series: { [of("up")]: "1x10 0x10" }, firesAt: 13, quietAt: 10 },
  // Prometheus uses the last value of a target that is gone for five minutes.
  { alert: "HypogeumAbsent", series: { [of("up")]: "1x10 _x20" }, firesAt: 22, quietAt: 13 },
  { alert: "HypogeumAbsent", series: { [of("up")]: "1x10 0x20" }, firesAt: null, quietAt: 25 },
  {
    alert: "HypogeumRestarts",
    series: { [of("process_start_time_seconds")]: "100x10 700 800 900x10" },
    firesAt: 15,
    quietAt: 12,
  },
  failing("HypogeumNotReady", "redis", "problem"),
  // An ordinary drain, with the DRAIN_SECONDS of the examples.
  ...["HypogeumNotReady", "HypogeumStopping"].map((alert) => ({
    alert,
    series: { [conditions("stopping", "problem")]: "0x10 1x6 _x20" },
    firesAt: null,
    quietAt: 16,
  })),
  {
    alert: "HypogeumStopping",
    series: { [conditions("stopping", "problem")]: "0x10 1x30" },
    firesAt: 25,
    quietAt: 18,
  },
  failing("HypogeumWarning", "other"),
  { ...failing("HypogeumWarning", "kafka"), firesAt: null },
  failing("HypogeumJwtSecret", "jwt_secret"),
  {
    alert: "HypogeumOpenFiles",
    series: { [of("process_open_fds")]: "500x10 900x20", [of("process_max_fds")]: "1000x40" },
    firesAt: 20,
    quietAt: 10,
  },
  {
    alert: "HypogeumTicksLate",
    series: steps("hypogeum_tick_lateness_seconds", "0.02", "13000+1000x30"),
    firesAt: 25,
    quietAt: 10,
  },
  {
    alert: "HypogeumTicksLate",
    series: steps("hypogeum_tick_lateness_seconds", "0.02", "13190+1190x30"),
    firesAt: null,
    quietAt: 35,
  },
  {
    alert: "HypogeumTicksDropped",
    series: { [of("hypogeum_ticks_dropped_total")]: "0x10 30+30x20" },
    firesAt: 25,
    quietAt: 10,
  },
  {
    alert: "HypogeumStepsSlow",
    series: steps("hypogeum_step_seconds", "0.01", "13100+1100x30"),
    firesAt: 30,
    quietAt: 10,
  },
  {
    alert: "HypogeumJoinsRefused",
    series: { [of("hypogeum_refused_total", 'reason="SERVER_BUSY"')]: "0x10 30+30x20" },
    firesAt: 25,
    quietAt: 10,
  },
  {
    alert: "HypogeumJoinsRefused",
    series: { [of("hypogeum_refused_total", 'reason="TOKEN_EXPIRED"')]: "0x10 30+30x20" },
    firesAt: null,
    quietAt: 25,
  },
  {
    alert: "HypogeumOperatorsRefused",
    series: { [of("hypogeum_operator_refused_total", 'reason="OPERATOR_ONLY"')]: "0x10 3+3x20" },
    firesAt: 25,
    quietAt: 10,
  },
  {
    alert: "HypogeumOperatorsRefused",
    series: { [of("hypogeum_operator_refused_total", 'reason="OPERATOR_ONLY"')]: "0x10 3x40" },
    firesAt: null,
    quietAt: 25,
  },
  {
    alert: "HypogeumQueueStands",
    series: {
      [of("hypogeum_queue_waiting", 'game="arena",mode="duel"')]: "0x10 12x30",
      [of("hypogeum_queue_wait_seconds_count", 'game="arena",mode="duel"')]: "5x40",
    },
    firesAt: 30,
    quietAt: 10,
  },
  {
    alert: "HypogeumQueueStands",
    series: {
      [of("hypogeum_queue_waiting", 'game="arena",mode="duel"')]: "12x40",
      [of("hypogeum_queue_wait_seconds_count", 'game="arena",mode="duel"')]: "0+2x40",
    },
    firesAt: null,
    quietAt: 35,
  },
  {
    alert: "HypogeumQueueSlow",
    series: {
      [of("hypogeum_queue_wait_seconds_bucket", 'game="arena",mode="duel",le="120"')]: "0+10x10 100x60",
      [of("hypogeum_queue_wait_seconds_bucket", 'game="arena",mode="duel",le="300"')]: "0+10x70",
      [of("hypogeum_queue_wait_seconds_bucket", 'game="arena",mode="duel",le="+Inf"')]: "0+10x70",
    },
    firesAt: 50,
    quietAt: 10,
  },
  { alert: "HypogeumOutboxFilling", series: outbox(600), firesAt: 20, quietAt: 10 },
  { alert: "HypogeumOutboxFull", series: outbox(600), firesAt: null, quietAt: 20 },
  { alert: "HypogeumOutboxFull", series: outbox(1000), firesAt: 15, quietAt: 10 },
  {
    alert: "HypogeumOutboxOld",
    series: { [of("hypogeum_outbox_oldest_seconds")]: "1x10 301+60x20" },
    firesAt: 20,
    quietAt: 10,
  },
  {
    alert: "HypogeumCommitSlow",
    series: { [of("hypogeum_outbox_commit_lag_seconds")]: "0.02x10 1x20" },
    firesAt: 15,
    quietAt: 10,
  },
  {
    alert: "HypogeumEventsDropped",
    series: { [of("hypogeum_shed_total", 'topic="logs_move"')]: "0x10 50x20" },
    firesAt: 12,
    quietAt: 10,
  },
  {
    alert: "HypogeumTopicHeld",
    series: { [of("hypogeum_relay_held_seconds", 'topic="logs_move"')]: "_x10 61+60x20" },
    firesAt: 18,
    quietAt: 10,
  },
  {
    alert: "HypogeumTopicRefuses",
    series: { [of("hypogeum_relay_refused_total", 'topic="logs_move"')]: "1x10 5+5x20" },
    firesAt: 15,
    quietAt: 10,
  },
  {
    alert: "HypogeumSinkLag",
    series: { [of("hypogeum_sink_lag_seconds", 'sink="warehouse"')]: "1x10 61+60x20" },
    firesAt: 20,
    quietAt: 10,
  },
  {
    alert: "HypogeumSinkLag",
    series: { [of("hypogeum_sink_lag_seconds", 'sink="lake"')]: "90x40" },
    firesAt: null,
    quietAt: 35,
  },
  {
    alert: "HypogeumLakeLag",
    series: { [of("hypogeum_sink_lag_seconds", 'sink="lake"')]: "90x10 601+60x20" },
    firesAt: 20,
    quietAt: 10,
  },
  {
    alert: "HypogeumFilesNotStored",
    series: { [of("hypogeum_sink_put_failures_total", 'sink="lake"')]: "0x10 1+1x20" },
    firesAt: 20,
    quietAt: 10,
  },
  {
    alert: "HypogeumMessagesRejected",
    series: { [of("hypogeum_sink_rejected_total", 'sink="results"')]: "0x10 1x20" },
    firesAt: 12,
    quietAt: 10,
  },
  failing("HypogeumUnpublished", "unpublished"),
  failing("HypogeumDatabase", "database"),
  failing("HypogeumWarehouse", "warehouse"),
  failing("HypogeumRedis", "redis", "problem"),
  failing("HypogeumKafka", "kafka"),
  failing("HypogeumTopics", "topics"),
  failing("HypogeumStore", "s3"),
  failing("HypogeumOutbox", "outbox"),
];
