/** Finished matches for tests, as the results sink passes them on. */
import { v7 } from "uuid";
import type { EndedMatch } from "../../../src/pipeline/sinks/results/EndedMatch.ts";

export interface MatchPlayer {
  readonly player: string;
  readonly rating?: number | null;
  readonly games?: number;
  readonly deviation?: number;
  readonly place?: number;
  readonly left?: boolean;
  readonly bot?: boolean;
  /** Default: a team of their own. */
  readonly team?: number;
}

export interface MatchOptions {
  readonly game?: string;
  readonly mode?: string;
  readonly at?: number;
  readonly weight?: number;
  readonly rated?: boolean;
  readonly algorithm?: string;
  /** See `started`. The match ends at tick 1200. */
  readonly ratedFromTick?: number;
  readonly reason?: EndedMatch["ended"]["reason"];
  /** None, as in matches of earlier builds, if omitted. */
  readonly map?: string;
}

/** The first player wins unless `place` says otherwise. */
export function finishedMatch(players: readonly MatchPlayer[], options: MatchOptions = {}): EndedMatch {
  const {
    game = "arena",
    mode = "duel",
    at = Date.now(),
    weight = 1,
    rated = true,
    reason = "score",
    algorithm,
    ratedFromTick,
    map,
  } = options;
  const seats = players.map(({ player, bot = false, team }, seat) => ({ seat, player, team: team ?? seat, bot }));
  return {
    ...{ matchId: v7({ msecs: at }), game, mode, createdAt: at, endedAt: at + 60_000 },
    created: {
      ...{ kind: "created", rulesVersion: "1.0", rated, region: "local", source: "arena" },
      ...(map !== undefined && { map }),
    },
    started: {
      kind: "started",
      rated,
      weight,
      ...(algorithm !== undefined && { algorithm }),
      ...(ratedFromTick !== undefined && { ratedFromTick }),
      roster: seats.map((seat, i) => {
        const { rating = 1500, games = 0, deviation = null } = players[i];
        const known = seat.bot ? { rating: null, games: null, deviation: null } : { rating, games, deviation };
        return { ...seat, role: 0, ...known };
      }),
    },
    ended: {
      kind: "ended",
      reason,
      lastTick: 1200,
      standings: seats.map((seat, i) => {
        const { place = i + 1, left = false } = players[i];
        return { ...seat, place, score: 10 - i, kills: 3, deaths: i, left };
      }),
      teamScores: players.map((_, i) => 10 - i),
      counts: {},
      shed: {},
    },
  };
}
