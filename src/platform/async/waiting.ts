import { setTimeout as sleep } from "node:timers/promises";

/** Resolves after `ms`, or early, without an error, when the signal is aborted. */
export async function waitMs(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
