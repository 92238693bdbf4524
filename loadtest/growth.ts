/**
 * Decides whether a server process uses more and more of a resource under a steady load. Pure.
 *
 * Garbage collection makes memory use rise and fall, so only its floor is compared: the minimum in each part of the run. Memory
 * that is never released raises the floor from part to part; memory that is used only for a while does not.
 */
import type { ServerSecond } from "./ServerSamples.ts";
import type { Second } from "./summary.ts";

export interface Growth {
  readonly source: string;
  readonly name: string;
  /** Floors of the first and the last part after the warm-up. */
  readonly before: number;
  readonly after: number;
  /** The largest `after` that does not count as growth. */
  readonly allowed: number;
  readonly grows: boolean;
}

/**
 * Share of the run that is left out: ten minutes of an hour. During this time code is compiled, caches fill, and the first
 * matches end.
 */
const WARM_UP = 1 / 6;
const PARTS = 5;

interface Resource {
  readonly key: "heapBytes" | "rssBytes" | "handles" | "files";
  readonly name: string;
  /** The floor may rise by this share of itself, plus `amount`. */
  readonly share: number;
  readonly amount: number;
}

const MEBIBYTE = 2 ** 20;
const RESOURCES: readonly Resource[] = [
  { key: "heapBytes", name: "heap bytes", share: 0.1, amount: 8 * MEBIBYTE },
  { key: "rssBytes", name: "resident bytes", share: 0.1, amount: 32 * MEBIBYTE },
  { key: "handles", name: "handles", share: 0.02, amount: 8 },
  { key: "files", name: "open files", share: 0.02, amount: 8 },
];

/** One entry for each resource of each process that could be measured. */
export function measureGrowth(seconds: readonly Second[]): Growth[] {
  const steady = seconds.slice(Math.ceil(seconds.length * WARM_UP));
  const sources = [...new Set(steady.flatMap(({ servers }) => servers.map(({ source }) => source)))];
  return sources.flatMap((source) => {
    const samples = steady.flatMap(({ servers }) => servers.filter((server) => server.source === source));
    return RESOURCES.flatMap((resource) => measureOne(source, resource, samples) ?? []);
  });
}

function measureOne(source: string, resource: Resource, samples: readonly ServerSecond[]): Growth | null {
  const values = samples.map((sample) => sample[resource.key]).filter((value) => value !== null);
  if (values.length < PARTS * 2) return null;
  const length = Math.floor(values.length / PARTS);
  const before = Math.min(...values.slice(0, length));
  const after = Math.min(...values.slice(-length));
  const allowed = before * (1 + resource.share) + resource.amount;
  return { source, name: resource.name, before, after, allowed, grows: after > allowed };
}
