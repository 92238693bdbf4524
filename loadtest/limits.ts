/** The limits for `--limit`: their names, what they measure, and whether a run kept them. */
import type { Summary } from "./summary.ts";

interface Limit {
  /** For `--help`. */
  readonly about: string;
  /** Returns null if it could not be measured. Then the limit counts as exceeded. */
  read(summary: Summary): number | null;
}

export const LIMITS = {
  tickLateP50: { about: "how late steps began, by the server's own metrics, median", read: (s) => s.tickLate.p50 },
  tickLateP99: { about: "the same, 99th percentile", read: (s) => s.tickLate.p99 },
  gapP99: { about: "time between two patches of a client, 99th percentile", read: (s) => s.times.gap.p99 },
  gapMax: { about: "the same, maximum", read: (s) => s.times.gap.max },
  latencyP50: {
    about: "time from a frame to the patch that acknowledges it, median",
    read: (s) => s.times.latency.p50,
  },
  latencyP99: { about: "the same, 99th percentile", read: (s) => s.times.latency.p99 },
  seenP50: {
    about: "time from a frame to the patch in which another client sees it, median",
    read: (s) => s.times.seen.p50,
  },
  seenP99: { about: "the same, 99th percentile", read: (s) => s.times.seen.p99 },
  positionErrorP99: {
    about: "distance between predicted and actual position, 99th percentile, in subunits (512 per metre)",
    read: (s) => s.times.positionError.p99,
  },
  missedTicks: { about: "ticks that a client never received, of all clients", read: (s) => s.counters.missedTicks },
  missedPercent: { about: "missed and skipped ticks, in % of the ticks that were due", read: (s) => s.missedPercent },
  skippedTicks: {
    about: "ticks that were due but never stepped, of all clients",
    read: (s) => s.counters.skippedTicks,
  },
  reorderedPatches: { about: "patches received after a later one", read: (s) => s.counters.reorderedPatches },
  divergentPatches: {
    about: "patches that differ between two clients of a room",
    read: (s) => s.counters.divergentPatches,
  },
  errors: { about: "failures other than the server's documented refusals", read: (s) => s.errorsTotal },
  refused: { about: "refused joins", read: (s) => s.refusedTotal },
  drops: { about: "lost connections", read: (s) => s.counters.drops },
  notPlaying: { about: "bots without a seat at the end", read: (s) => s.notPlaying },
  sendLateP99: {
    about: "how late the load test itself sent frames, 99th percentile",
    read: (s) => s.times.sendLate.p99,
  },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof LIMITS;
export type Limits = Partial<Record<LimitName, number>>;

export interface Verdict {
  readonly name: LimitName;
  readonly limit: number;
  /** Null if it could not be measured. */
  readonly measured: number | null;
  readonly kept: boolean;
}

export function judge(summary: Summary, limits: Limits): Verdict[] {
  return Object.entries(limits).map(([key, limit]) => {
    const name = key as LimitName;
    const measured = LIMITS[name].read(summary);
    return { name, limit, measured, kept: measured !== null && measured <= limit };
  });
}
