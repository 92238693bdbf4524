/** Sums of rating changes: one statement can change each row only once, and a player may have several matches in it. */
import type { Ladder } from "../rating/Ladder.ts";
import type { MatchRating, StartedMatch } from "./rateMatch.ts";

/** All changes of a player in a ladder. */
export interface PlayerTotal extends Ladder {
  readonly player: string;
  change: number;
  precision: number;
  games: number;
  wins: number;
  losses: number;
}

/** No name and no id contains NUL, because PostgreSQL cannot store it. */
export const totalKey = ({ game, mode }: Ladder, player: string): string => `${game}\0${mode}\0${player}`;

/** By `totalKey`. */
export function totalsOf(
  matches: readonly (Pick<MatchRating, "changes"> & { readonly match: Pick<StartedMatch, "game" | "mode"> })[],
): Map<string, PlayerTotal> {
  const totals = new Map<string, PlayerTotal>();
  for (const { match, changes } of matches) {
    const { game, mode } = match;
    for (const { player, change, precision, outcome } of changes) {
      const key = totalKey(match, player);
      let total = totals.get(key);
      if (total === undefined)
        totals.set(key, (total = { game, mode, player, change: 0, precision: 0, games: 0, wins: 0, losses: 0 }));
      total.change += change;
      total.precision += precision;
      total.games++;
      if (outcome > 0) total.wins++;
      if (outcome < 0) total.losses++;
    }
  }
  return totals;
}
