/** Owns the limits that a run can be held to: their names, what they mean, and which of them were passed. Pure. */
import type { Summary } from "./summary.ts";

interface Limit {
  readonly about: string;
  /** Null where it could not be measured; then no limit on it is kept. */
  read(summary: Summary): number | null;
}

export const LIMITS = {
  tickLateP50: { about: "how late steps began, median, by the server's own metrics", read: (s) => s.tickLate.p50 },
  tickLateP99: { about: "the same, 99th percentile", read: (s) => s.tickLate.p99 },
  gapP99: { about: "between two patches of a client, 99th percentile", read: (s) => s.times.gap.p99 },
  gapMax: { about: "the longest", read: (s) => s.times.gap.max },
  latencyP50: { about: "from a frame to the patch that says it was applied, median", read: (s) => s.times.latency.p50 },
  latencyP99: { about: "the same, 99th percentile", read: (s) => s.times.latency.p99 },
  seenP50: {
    about: "from a frame to the patch in which another client sees it, median",
    read: (s) => s.times.seen.p50,
  },
  seenP99: { about: "the same, 99th percentile", read: (s) => s.times.seen.p99 },
  positionErrorP99: {
    about: "between predicted and actual place, 99th percentile, in subunits (512 to a metre)",
    read: (s) => s.times.positionError.p99,
  },
  missedTicks: { about: "ticks of which a client was never told, in all", read: (s) => s.counters.missedTicks },
  missedPercent: { about: "the same, in % of the ticks that were due", read: (s) => s.missedPercent },
  skippedTicks: {
    about: "ticks that were due and never stepped, in all clients",
    read: (s) => s.counters.skippedTicks,
  },
  reorderedPatches: { about: "patches that came after a later one", read: (s) => s.counters.reorderedPatches },
  divergentPatches: {
    about: "patches that differ between two clients of a room",
    read: (s) => s.counters.divergentPatches,
  },
  errors: { about: "failures that the server's documented refusals do not explain", read: (s) => s.errorsTotal },
  refused: { about: "joins refused", read: (s) => s.refusedTotal },
  drops: { about: "connections lost", read: (s) => s.counters.drops },
  notPlaying: { about: "bots without a seat at the end", read: (s) => s.notPlaying },
  sendLateP99: { about: "of this load test itself: how late it sent frames", read: (s) => s.times.sendLate.p99 },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof LIMITS;
export type Limits = Partial<Record<LimitName, number>>;

export interface Verdict {
  readonly name: LimitName;
  readonly limit: number;
  /** Null: could not be measured. */
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
