/** Notices ratings that the sinks of another process have committed, by the notifications to their players. */
import type { LiveFeed, StoredEntry } from "../../pipeline/sinks/live/LiveFeed.ts";
import { Backoff } from "../../platform/async/Backoff.ts";

const RETRY_FIRST_MS = 1000;
const RETRY_LAST_MS = 60_000;

/** Calls `listener` with the ids of the matches that changed the ratings, until the returned function is called. */
export function hearRatings(feed: LiveFeed, listener: (matchIds: readonly string[]) => void): () => void {
  const stopping = new AbortController();
  const hear = (entries: readonly StoredEntry[]): void => {
    const changes = entries.filter(({ event }) => event === "rating_changed");
    const matchIds = new Set(changes.map(({ data }) => JSON.parse(data).matchId as string));
    if (matchIds.size > 0) listener([...matchIds]);
  };
  const subscribe = async (): Promise<void> => {
    const backoff = new Backoff(RETRY_FIRST_MS, RETRY_LAST_MS);
    while (!stopping.signal.aborted) {
      try {
        const leave = await feed.subscribe(hear);
        if (stopping.signal.aborted) leave();
        else stopping.signal.addEventListener("abort", leave);
        return;
      } catch {
        // The feed itself reports that Redis is unavailable.
        await backoff.wait(stopping.signal);
      }
    }
  };
  void subscribe();
  return () => stopping.abort();
}
