/**
 * The topic `logs_rating`: one message for each player whose rating a match has changed. The key is the player's id. The header `id`
 * (UUIDv7) is made from the match and the player, so it is the same whenever the match is rated again.
 */
import * as z from "zod";

export const ratingMessage = z.looseObject({
  v: z.literal(1),
  /** End of the match, Unix ms. */
  at: z.int().min(0),
  game: z.string(),
  player: z.string().min(1),
  mode: z.string(),
  /** Whole numbers: the player's rating in the season of the match, before and after the match was added to it. */
  before: z.int(),
  after: z.int(),
  matchId: z.string().min(1),
  /** The name of the rating algorithm. */
  algorithm: z.string(),
});

export type RatingMessage = z.infer<typeof ratingMessage>;
