/** What processes use, and what arrives, in a window of time. */
import { setTimeout as delay } from "node:timers/promises";
import { cpuSecondsOf } from "../../loadtest/ServerSamples.ts";
import type { TopicObserver } from "./TopicObserver.ts";

interface HasPid {
  readonly pid: number;
}

export interface Window {
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
  /** CPU time of all threads of each process, in s. */
  readonly cpuSeconds: readonly number[];
  /** Events of matches that arrived at the observer. */
  readonly events: number;
}

export async function measureWindow(
  processes: readonly HasPid[],
  observer: TopicObserver,
  seconds: number,
): Promise<Window> {
  const read = () => processes.map(({ pid }) => cpuSecondsOf(pid));
  const [before, eventsBefore, from] = [read(), observer.events, Date.now()];
  await delay(seconds * 1000);
  const cpuSeconds = read().map((used, at) => used - before[at]);
  return { from, to: Date.now(), cpuSeconds, events: observer.events - eventsBefore };
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Returns the median of the p99 latenesses of the seconds in the window, in ms. */
export function latenessMs({ stats }: TopicObserver, { from, to }: Window): number {
  const within = stats.filter(({ at, rooms }) => at > from + 1000 && at <= to && rooms > 0);
  return percentile(
    within.map(({ tickLatenessP99Ms }) => tickLatenessP99Ms),
    0.5,
  );
}

/** `game 18 %, relay 29 %, …`: the share of a core that each process used. */
export function shares(names: readonly string[], { from, to, cpuSeconds }: Window): string {
  const percent = (used: number) => ((used * 100_000) / (to - from)).toFixed(0);
  return names.map((name, at) => `${name} ${percent(cpuSeconds[at])} %`).join(", ");
}
