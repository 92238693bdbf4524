/** The rating changes of matches, published as `logs_rating` once they have been committed. */
import { hash } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import type { RatingMessage } from "../../../schema/ratingEvents.ts";
import { uuidV7TimeMs } from "../../pipeline/events/eventDate.ts";
import type { RatingsChanged } from "../../pipeline/sinks/results/EndedMatch.ts";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import type { CommittedMessage } from "./schema.ts";
import { addUnpublished } from "./unpublishedMessages.ts";

/** A UUIDv7 with the time of the match's id. The same for the same match and player. */
export function ratingEventId(matchId: string, player: string): string {
  const random = hash("sha256", `${matchId} ${player}`, "buffer").subarray(0, 16);
  return uuidv7({ msecs: uuidV7TimeMs(matchId), random });
}

/** Adds one row for all of them. */
export async function addRatingEvents(tx: SqlRunner, changed: readonly RatingsChanged[]): Promise<void> {
  const messages = changed.flatMap(messagesOf);
  if (messages.length > 0) await addUnpublished(tx, messages);
}

function messagesOf({ game, matchId, mode, endedAt, algorithm, ratings }: RatingsChanged): CommittedMessage[] {
  return ratings.map(({ player, rating, change }) => {
    const [before, after] = [rating - change, rating];
    const value: RatingMessage = { v: 1, at: endedAt, game, player, mode, before, after, matchId, algorithm };
    return { topic: "logs_rating", key: player, id: ratingEventId(matchId, player), value };
  });
}
