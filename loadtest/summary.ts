/** The summary of a run: sums over the whole run, percentiles over the time after the ramp. Pure. */
import {
  type ByCode,
  type Counters,
  type LoadStats,
  MEASURES,
  type MeasureName,
  type Percentiles,
  percentilesOf,
} from "./LoadStats.ts";
import type { HistogramCounts, ServerSecond } from "./ServerSamples.ts";
import { quantile } from "./ServerSamples.ts";

/** One second of the run, as in the JSON result. */
export interface Second {
  /** Seconds since the start. */
  readonly at: number;
  readonly counters: Counters;
  readonly refused: ByCode;
  readonly errors: ByCode;
  readonly times: Readonly<Record<MeasureName, Percentiles>>;
  readonly servers: readonly ServerSecond[];
}

export interface Summary {
  readonly counters: Counters;
  readonly refused: ByCode;
  readonly errors: ByCode;
  readonly refusedTotal: number;
  readonly errorsTotal: number;
  /** Missed and skipped ticks in % of the ticks that were due. */
  readonly missedPercent: number | null;
  readonly notPlaying: number;
  readonly times: Readonly<Record<MeasureName, Percentiles>>;
  /** In ms; null if no server process reported it. */
  readonly tickLate: { readonly p50: number | null; readonly p99: number | null };
}

export interface SummaryInput {
  /** Number of bots that should play. */
  readonly bots: number;
  /** Stats of the whole run. */
  readonly all: LoadStats;
  /** Stats after the ramp. */
  readonly steady: LoadStats;
  /** Bots with a seat in the last second. */
  readonly playing: number;
  readonly lateness: HistogramCounts | null;
}

const sum = (counts: ByCode): number => Object.values(counts).reduce((total, count) => total + count, 0);

export function summarise({ bots, all, steady, playing, lateness }: SummaryInput): Summary {
  const { missedTicks, skippedTicks, patches } = all.counters;
  const ticksDue = patches + missedTicks + skippedTicks;
  const lateMs = (share: number): number | null => {
    const seconds = lateness === null ? null : quantile(lateness, share);
    return seconds === null ? null : seconds * 1000;
  };
  return {
    counters: { ...all.counters, playing },
    refused: all.refused,
    errors: all.errors,
    refusedTotal: sum(all.refused),
    errorsTotal: sum(all.errors),
    missedPercent: ticksDue === 0 ? null : (100 * (missedTicks + skippedTicks)) / ticksDue,
    notPlaying: bots - playing,
    times: percentilesByMeasure(steady),
    tickLate: { p50: lateMs(0.5), p99: lateMs(0.99) },
  };
}

export function percentilesByMeasure(stats: LoadStats): Record<MeasureName, Percentiles> {
  return Object.fromEntries(MEASURES.map((name) => [name, percentilesOf(stats, name)])) as Record<
    MeasureName,
    Percentiles
  >;
}
