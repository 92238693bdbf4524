/** What memory a process uses at the beginning and at the end of some work, from its samples. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { MemorySample } from "./sampleMemory.ts";

/** In bytes, means over the samples. */
interface MemoryUse {
  readonly rss: number;
  /** All threads together. */
  readonly heap: number;
}

export interface MemoryGrowth {
  readonly firstThird: MemoryUse;
  readonly lastThird: MemoryUse;
  readonly rssMax: number;
}

/** @param from @param to Unix ms */
export function memoryGrowth(folder: string, pid: number, from: number, to: number): MemoryGrowth {
  const threads = readdirSync(folder)
    .filter((file) => file.startsWith(`${pid}-`))
    .map((file) => samplesIn(path.join(folder, file)).filter(({ atMs }) => atMs >= from && atMs <= to));
  const third = (to - from) / 3;
  const all = threads.flat();
  if (all.length === 0) throw new Error(`process ${pid} has written no memory samples to ${folder}`);
  return {
    firstThird: useOf(threads, from, from + third),
    lastThird: useOf(threads, to - third, to),
    rssMax: all.reduce((most, { rss }) => Math.max(most, rss), 0),
  };
}

function samplesIn(file: string): MemorySample[] {
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as MemorySample);
}

function useOf(threads: readonly (readonly MemorySample[])[], from: number, to: number): MemoryUse {
  const within = threads.map((samples) => samples.filter(({ atMs }) => atMs >= from && atMs < to));
  const heaps = within.filter(({ length }) => length > 0).map((samples) => mean(samples.map(({ heap }) => heap)));
  return { rss: mean(within.flat().map(({ rss }) => rss)), heap: heaps.reduce((sum, heap) => sum + heap, 0) };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
