import { setTimeout as delay } from "node:timers/promises";

const RETRY_MS = 200;
/** Refusals that ask a client to try again: the process is at capacity, or the disk is slow at the moment. */
const TRANSIENT = /^(SERVER_BUSY|NOT_ACCEPTING)\b/;

/** Repeats a join while a slow machine refuses it for a reason that passes, as a client is asked to. Rejects after `withinMs`. */
export async function untilAccepted<T>(join: () => Promise<T>, withinMs = 60_000): Promise<T> {
  for (const deadline = performance.now() + withinMs; ; await delay(RETRY_MS)) {
    try {
      return await join();
    } catch (error) {
      if (!TRANSIENT.test(String((error as Error).message)) || performance.now() > deadline) throw error;
    }
  }
}
