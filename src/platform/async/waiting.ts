import { setTimeout as sleep } from "node:timers/promises";

/** Resolves after `ms`. If the signal is aborted, resolves early, without an error. */
export async function waitMs(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
