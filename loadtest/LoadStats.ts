/** The counters and measures of one worker in one second. The stats of several seconds and workers can be added. */
import { createHistogram, type Histogram, type RecordableHistogram } from "node:perf_hooks";

const COUNTERS = [
  /** Bots that have a seat now. A current value, not a sum over time. */
  "playing",
  "framesSent",
  "patches",
  "bytesIn",
  "bytesOut",
  /** Ticks that a bot never received: tick numbers that are missing from its patches. */
  "missedTicks",
  /** Ticks that were due by the clock, but that the server never stepped, not even later. */
  "skippedTicks",
  "reorderedPatches",
  /** Patches of one tick that differ between two clients of a room. */
  "divergentPatches",
  "joins",
  "drops",
  "reconnections",
  "matchesEnded",
  /** Frames that the load test itself sent more than half an interval late. */
  "lateFrames",
] as const;
export type CounterName = (typeof COUNTERS)[number];

export const MEASURES = [
  /** Between two patches that a client receives. */
  "gap",
  /** From the sending of a frame to the patch that acknowledges it. */
  "latency",
  /** From the sending of a frame to the patch in which another client sees its effect. */
  "seen",
  /** How late the load test itself sent frames. */
  "sendLate",
  /** Distance between a bot's predicted position and the server's, in subunits. */
  "positionError",
] as const;
export type MeasureName = (typeof MEASURES)[number];

/** A minute, in µs. */
const MAX_US = 60_000_000;

export type Counters = Record<CounterName, number>;
export type ByCode = Record<string, number>;

export interface LoadStatsMessage {
  readonly counters: Counters;
  readonly refused: ByCode;
  readonly errors: ByCode;
  /** In µs. `positionError` is in subunits, plus one, because a histogram cannot record 0. */
  readonly measures: Readonly<Record<MeasureName, Histogram>>;
}

export class LoadStats implements LoadStatsMessage {
  readonly counters = Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Counters;
  readonly refused: ByCode = {};
  readonly errors: ByCode = {};
  readonly measures = Object.fromEntries(
    MEASURES.map((name) => [name, createHistogram({ highest: MAX_US, figures: 3 })]),
  ) as Record<MeasureName, RecordableHistogram>;

  recordTime(name: Exclude<MeasureName, "positionError">, ms: number): void {
    this.measures[name].record(Math.min(MAX_US, Math.max(1, Math.round(ms * 1000))));
  }

  recordPositionError(subunits: number): void {
    // A position is NaN only if the state was decoded from the wrong bytes.
    if (!Number.isFinite(subunits)) this.countError("state broken");
    else this.measures.positionError.record(Math.round(subunits) + 1);
  }

  countRefusal(code: string): void {
    this.refused[code] = (this.refused[code] ?? 0) + 1;
  }

  countError(code: string): void {
    this.errors[code] = (this.errors[code] ?? 0) + 1;
  }

  /** Adds the stats of another worker or second. This also adds `playing`, which is right only for workers in the same second. */
  add(other: LoadStatsMessage): void {
    for (const name of COUNTERS) this.counters[name] += other.counters[name];
    for (const [code, count] of Object.entries(other.refused)) this.refused[code] = (this.refused[code] ?? 0) + count;
    for (const [code, count] of Object.entries(other.errors)) this.errors[code] = (this.errors[code] ?? 0) + count;
    for (const name of MEASURES) {
      if (other.measures[name].count > 0) this.measures[name].add(other.measures[name] as RecordableHistogram);
    }
  }
}

/** ms (subunits for `positionError`), rounded to 1/1000; null without samples. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export function percentilesOf(stats: LoadStatsMessage, name: MeasureName): Percentiles {
  const histogram = stats.measures[name];
  const { count } = histogram;
  const read = (value: number): number | null => {
    if (count === 0) return null;
    return name === "positionError" ? value - 1 : value / 1000;
  };
  return {
    count,
    p50: read(histogram.percentile(50)),
    p90: read(histogram.percentile(90)),
    p99: read(histogram.percentile(99)),
    max: read(histogram.max),
  };
}
