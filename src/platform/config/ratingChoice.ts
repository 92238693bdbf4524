import * as z from "zod";
import { list } from "./list.ts";

/** Names recorded in `started` as the algorithm of a match. */
const RATING_ALGORITHMS = ["elo", "openskill"] as const;
export type RatingAlgorithmName = (typeof RATING_ALGORITHMS)[number];

export interface RatingChoice {
  readonly byMode: Readonly<Record<string, RatingAlgorithmName>>;
  /** For modes that are not listed in `byMode`. */
  readonly others: RatingAlgorithmName;
}

/** `squad=openskill` sets one mode, a bare `openskill` all others; the default is `elo`. */
export const ratingChoice = list
  .pipe(z.array(z.string().regex(new RegExp(`^([^=]+=)?(${RATING_ALGORITHMS.join("|")})$`))).min(1))
  .transform((parts): RatingChoice => {
    const named = parts.map((part) => part.split("=") as [string, RatingAlgorithmName?]);
    const byMode = named.flatMap(([mode, name]) => (name === undefined ? [] : [[mode, name]]));
    const bare = parts.find((part) => !part.includes("=")) as RatingAlgorithmName | undefined;
    return { byMode: Object.fromEntries(byMode), others: bare ?? "elo" };
  });
