import { Backoff } from "../../platform/async/Backoff.ts";
import type { Broken, Health } from "../../platform/health/Health.ts";

const FIRST_MS = 1000;
const LAST_MS = 10_000;

interface Retried {
  /** Resolves once `work` has succeeded; never after `stop`. */
  readonly done: Promise<void>;
  readonly isDone: () => boolean;
  stop(): void;
}

/** Repeats `work` until it succeeds once. The reason of its last failure stands as the condition `name` until then. */
export function retryUntilDone(
  work: () => Promise<unknown>,
  { health, name, breaks }: { readonly health: Health; readonly name: string; readonly breaks: Broken },
): Retried {
  const done = Promise.withResolvers<void>();
  const stopping = new AbortController();
  let isDone = false;
  const run = async (): Promise<void> => {
    const backoff = new Backoff(FIRST_MS, LAST_MS);
    while (!stopping.signal.aborted) {
      try {
        await work();
        isDone = true;
        health.clear(name);
        return done.resolve();
      } catch (error) {
        health.report(name, oneLine((error as Error).message), breaks);
        await backoff.wait(stopping.signal);
      }
    }
  };
  void run();
  return { done: done.promise, isDone: () => isDone, stop: () => stopping.abort() };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
