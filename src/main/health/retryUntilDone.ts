import { toLine } from "../../pipeline/log/toLine.ts";
import { Backoff } from "../../platform/async/Backoff.ts";
import type { Broken, Health } from "../../platform/health/Health.ts";

interface RetryOptions {
  readonly health: Health;
  /** Name of the condition. */
  readonly name: string;
  readonly breaks: Broken;
  /** Length of the first pause; 1000 if omitted. */
  readonly firstMs?: number;
  /** Length of the longest pause; 15000 if omitted. */
  readonly lastMs?: number;
}

interface Retried {
  /** Resolves once `work` has succeeded; never after `stop`. */
  readonly done: Promise<void>;
  readonly isDone: () => boolean;
  stop(): void;
}

/** Repeats `work` after growing pauses until it succeeds once. The reason of its last failure stands as the condition `name` until then. */
export function retryUntilDone(
  work: () => Promise<unknown>,
  { health, name, breaks, firstMs = 1000, lastMs = 15_000 }: RetryOptions,
): Retried {
  const done = Promise.withResolvers<void>();
  const stopping = new AbortController();
  let isDone = false;
  const run = async (): Promise<void> => {
    const backoff = new Backoff(firstMs, lastMs);
    while (!stopping.signal.aborted) {
      try {
        await work();
        if (stopping.signal.aborted) return;
        isDone = true;
        health.clear(name);
        return done.resolve();
      } catch (error) {
        health.report(name, toLine(error), breaks);
        await backoff.wait(stopping.signal);
      }
    }
  };
  void run();
  return { done: done.promise, isDone: () => isDone, stop: () => stopping.abort() };
}
