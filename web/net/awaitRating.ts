import type { Rest } from "./Rest.ts";

/** How a match changed a rating; `short` if a rated match did not last long enough; `unknown` if the result was not stored in time. */
export type RatingChange = { readonly before: number; readonly change: number } | "unrated" | "short" | "unknown";

const TIMEOUT_MS = 3500;
const POLL_EVERY_MS = 350;
/** The match is among the latest of the player, even if two tabs play at the same time. */
const LATEST = 3;

/** Waits for the rating of a match that has just ended: its result is stored a moment after the end. Never rejects. */
export async function awaitRating(rest: Rest, playerId: string, matchId: string): Promise<RatingChange> {
  const deadline = performance.now() + TIMEOUT_MS;
  do {
    const page = await rest.matchHistory(playerId, LATEST).catch(() => null);
    const entry = page?.matches.find(({ match }) => match.id === matchId);
    if (entry !== undefined) {
      const { ratingBefore: before, ratingChange: change } = entry;
      if (before === null) return "unrated";
      return change === null ? "short" : { before, change };
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
  } while (performance.now() < deadline);
  return "unknown";
}
