/** Owns a wait that ends early, without an error, when its signal is given. */
import { setTimeout as sleep } from "node:timers/promises";

export async function waitMs(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
