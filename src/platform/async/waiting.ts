import { setTimeout as sleep } from "node:timers/promises";

/** Resolves after `ms` milliseconds, or as soon as the signal is aborted. Never rejects. */
export async function waitMs(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

/** Settles as `work` does, or rejects with `message` after `ms`. The work itself is not ended. */
export async function within<T>(ms: number, work: Promise<T>, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // If the thread was busy for all that time, the answer may have arrived and wait to be read, so it is read first.
    timer = setTimeout(() => setImmediate(() => setImmediate(() => reject(new Error(message)))), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
