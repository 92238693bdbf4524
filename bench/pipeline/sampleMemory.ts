/**
 * Preloaded into a program with `--import`. Each of its threads appends to a file of its own, in the folder `BENCH_MEMORY_DIR`, what
 * memory it uses, as a `MemorySample` per line.
 */
import { appendFileSync } from "node:fs";
import path from "node:path";
import { threadId } from "node:worker_threads";

/** In bytes. */
export interface MemorySample {
  /** Unix ms. */
  readonly atMs: number;
  /** Of the whole process. */
  readonly rss: number;
  /** Of the thread: objects, and buffers outside the heap. */
  readonly heap: number;
}

const EVERY_MS = 250;
const { BENCH_MEMORY_DIR } = process.env;

if (BENCH_MEMORY_DIR !== undefined) {
  const file = path.join(BENCH_MEMORY_DIR, `${process.pid}-${threadId}.jsonl`);
  setInterval(() => {
    const { rss, heapUsed, external } = process.memoryUsage();
    const sample: MemorySample = { atMs: Date.now(), rss, heap: heapUsed + external };
    appendFileSync(file, `${JSON.stringify(sample)}\n`);
  }, EVERY_MS).unref();
}
