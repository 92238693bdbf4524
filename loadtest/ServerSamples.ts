/**
 * Samples server processes once a second, by `/metrics`, or by /proc for a process on this machine. A value that cannot be read
 * is null, and the run continues.
 */
import { readdirSync, readFileSync } from "node:fs";

export interface ServerSecond {
  /** URL of the metrics, or `pid N`. */
  readonly source: string;
  /** CPU time since the previous sample, as a share of one core. Above 1 if several threads are busy. */
  readonly cpu: number | null;
  readonly rssBytes: number | null;
  readonly heapBytes: number | null;
  /** Resources that keep the event loop alive: sockets, timers, requests. */
  readonly handles: number | null;
  /** Open files. */
  readonly files: number | null;
  readonly rooms: number | null;
  readonly players: number | null;
  /** In ms, of the steps of this second. */
  readonly tickLateP50: number | null;
  readonly tickLateP99: number | null;
  readonly eventsPerSecond: number | null;
  readonly outboxBytes: number | null;
}

/** Cumulative counts: samples at or below each bound. Bounds are in seconds; the last is infinite. */
export interface HistogramCounts {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** Returns the value that `share` of the samples do not exceed, interpolated between two bounds. Null without samples. */
export function quantile({ bounds, counts }: HistogramCounts, share: number): number | null {
  const total = counts.at(-1) ?? 0;
  if (total === 0) return null;
  const rank = share * total;
  const bucket = counts.findIndex((count) => count >= rank);
  const below = bucket === 0 ? 0 : counts[bucket - 1];
  const from = bucket === 0 ? 0 : bounds[bucket - 1];
  if (!Number.isFinite(bounds[bucket])) return from;
  return from + ((bounds[bucket] - from) * (rank - below)) / Math.max(1, counts[bucket] - below);
}

/** Values by metric name, summed over all labels. Series whose name ends with `_bucket` become histograms. */
interface Exposition {
  readonly values: ReadonlyMap<string, number>;
  readonly buckets: ReadonlyMap<string, HistogramCounts>;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;

/** Parses Prometheus's text format. */
export function parseExposition(text: string): Exposition {
  const values = new Map<string, number>();
  const raw = new Map<string, Map<number, number>>();
  for (const line of text.split("\n")) {
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, name, labels = "", written] = match;
    const value = Number(written);
    if (name.endsWith("_bucket")) {
      const bound = Number((/le="([^"]+)"/.exec(labels)?.[1] ?? "").replace("+Inf", "Infinity"));
      const series = raw.get(name) ?? new Map<number, number>();
      raw.set(name, series.set(bound, (series.get(bound) ?? 0) + value));
    } else {
      values.set(name, (values.get(name) ?? 0) + value);
    }
  }
  const buckets = new Map<string, HistogramCounts>();
  for (const [name, series] of raw) {
    const sorted = [...series].sort(([a], [b]) => a - b);
    const counts = { bounds: sorted.map(([bound]) => bound), counts: sorted.map(([, count]) => count) };
    buckets.set(name.slice(0, -"_bucket".length), counts);
  }
  return { values, buckets };
}

/** The samples that a histogram gained between two reads. */
export function countsBetween(later: HistogramCounts, earlier: HistogramCounts | undefined): HistogramCounts {
  return { bounds: later.bounds, counts: later.counts.map((count, i) => count - (earlier?.counts[i] ?? 0)) };
}

export interface ServerSource {
  sample(): Promise<ServerSecond>;
  /** Lateness of all steps since the latest call of `mark`. Null if the source does not report it. */
  lateness(): HistogramCounts | null;
  mark(): void;
}

const LATENESS = "hypogeum_tick_lateness_seconds";
const TIMEOUT_MS = 900;

/** A process that is sampled by its `/metrics`. */
export class MetricsSource implements ServerSource {
  private readonly address: string;
  private last: { readonly at: number; readonly exposition: Exposition } | null = null;
  private marked: HistogramCounts | undefined;

  constructor(address: string) {
    this.address = address;
  }

  async sample(): Promise<ServerSecond> {
    const text = await fetch(this.address, { signal: AbortSignal.timeout(TIMEOUT_MS) })
      .then((response) => (response.ok ? response.text() : null))
      .catch(() => null);
    if (text === null) return emptySecond(this.address);
    const before = this.last;
    const exposition = parseExposition(text);
    const at = performance.now();
    this.last = { at, exposition };
    const value = (name: string): number | null => exposition.values.get(name) ?? null;
    const perSecond = (name: string): number | null => {
      const now = exposition.values.get(name);
      const then = before?.exposition.values.get(name);
      return now === undefined || then === undefined ? null : ((now - then) * 1000) / (at - before!.at);
    };
    const cumulative = exposition.buckets.get(LATENESS);
    const recent =
      cumulative === undefined ? null : countsBetween(cumulative, before?.exposition.buckets.get(LATENESS));
    const ms = (share: number): number | null => {
      const seconds = recent === null || before === null ? null : quantile(recent, share);
      return seconds === null ? null : seconds * 1000;
    };
    return {
      source: this.address,
      cpu: perSecond("process_cpu_seconds_total"),
      rssBytes: value("process_resident_memory_bytes"),
      heapBytes: value("nodejs_heap_size_used_bytes"),
      handles: value("nodejs_active_resources_total"),
      files: value("process_open_fds"),
      rooms: value("hypogeum_rooms"),
      players: value("hypogeum_players"),
      tickLateP50: ms(0.5),
      tickLateP99: ms(0.99),
      eventsPerSecond: perSecond("hypogeum_events_total"),
      outboxBytes: value("hypogeum_outbox_bytes"),
    };
  }

  mark(): void {
    this.marked = this.last?.exposition.buckets.get(LATENESS);
  }

  lateness(): HistogramCounts | null {
    const cumulative = this.last?.exposition.buckets.get(LATENESS);
    return cumulative === undefined ? null : countsBetween(cumulative, this.marked);
  }
}

/** Linux's clock ticks per second: 100 on every platform that Node runs on. */
const CLOCK_TICKS = 100;

/** A process on this machine, sampled by /proc. */
export class ProcSource implements ServerSource {
  private readonly pid: number;
  private last: { readonly at: number; readonly cpuSeconds: number } | null = null;

  constructor(pid: number) {
    this.pid = pid;
  }

  async sample(): Promise<ServerSecond> {
    const source = `pid ${this.pid}`;
    try {
      const cpuSeconds = cpuSecondsOf(this.pid);
      const at = performance.now();
      const before = this.last;
      this.last = { at, cpuSeconds };
      const status = readFileSync(`/proc/${this.pid}/status`, "utf8");
      const rssBytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024;
      const files = readdirSync(`/proc/${this.pid}/fd`).length;
      const cpu = before === null ? null : ((cpuSeconds - before.cpuSeconds) * 1000) / (at - before.at);
      return { ...emptySecond(source), cpu, rssBytes, files };
    } catch {
      return emptySecond(source);
    }
  }

  mark(): void {}

  lateness(): null {
    return null;
  }
}

/** User and system time of all threads of a process. Throws if there is no such process. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The process name is in brackets and may contain any character. The fields after it are numbers.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}

function emptySecond(source: string): ServerSecond {
  return {
    source,
    ...{ cpu: null, rssBytes: null, heapBytes: null, handles: null, files: null, rooms: null, players: null },
    ...{ tickLateP50: null, tickLateP99: null, eventsPerSecond: null, outboxBytes: null },
  };
}
