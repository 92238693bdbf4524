/** Owns the wait for the rating of a match that has just ended: its result takes a moment from the log to the records. */
import type { Rest } from "./Rest.ts";

/** What a match did to a rating: before and change, `unrated`, or `unknown` where the records do not tell in time. */
export type RatingChange = { readonly before: number; readonly change: number } | "unrated" | "unknown";

const PATIENCE_MS = 3500;
const ASK_EVERY_MS = 350;
/** The match is among the player's latest, even where two tabs play at once. */
const LATEST = 3;

/** Never throws. */
export async function awaitRating(rest: Rest, playerId: string, matchId: string): Promise<RatingChange> {
  const deadline = performance.now() + PATIENCE_MS;
  do {
    const page = await rest.record(playerId, LATEST).catch(() => null);
    const entry = page?.matches.find(({ match }) => match.id === matchId);
    if (entry !== undefined) {
      const { ratingBefore: before, ratingChange: change } = entry;
      return before === null || change === null ? "unrated" : { before, change };
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  } while (performance.now() < deadline);
  return "unknown";
}
