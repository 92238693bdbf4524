/**
 * Computes how much a rated match counts: its weight, 0 to 1. Uses only what is known before the match is played. Pure.
 *
 * New accounts cost nothing, and their owners can agree on results. So a rating changes fully only in matches against many
 * different people who are established. The weight of a pair of opponents has three factors:
 *
 * - **Repeats.** Each earlier match of the pair on the same UTC day halves the weight. Over seven days the two may meet once, or in a
 *   twentieth of their matches. Each match above that halves the weight too.
 * - **Circle.** How many different people a player has met, compared with the number of matches. A closed circle, such as five
 *   accounts that play only each other, counts next to nothing, however many matches it plays.
 * - **Newcomers.** All newcomers whom a player meets count as one person, because one person can have many new accounts. A tenth of a
 *   player's matches may be against newcomers. Each match above that halves the weight of the next match against a newcomer. So a
 *   match against a newcomer counts if the player also meets established players, and a series of matches against new guests does not.
 *
 * Sources: that a rating system must discount opponents whose own rating is uncertain, M. E. Glickman, Parameter estimation in
 * large dynamic paired comparison experiments, Applied Statistics 48 (1999), g(RD). That identities which cost nothing must be
 * treated as one until they have shown otherwise, E. Friedman and P. Resnick, The Social Cost of Cheap Pseudonyms, Journal of
 * Economics & Management Strategy 10 (2001). The constants were chosen with the simulation in the tests.
 */

import type { TeamMember } from "./TeamMember.ts";

/** Rated matches in the mode after which a player is established, and no longer a newcomer. */
export const ESTABLISHED_GAMES = 10;
/** The same for guests, and for accounts younger than `FRESH_ACCOUNT_MS`. More, because one person can have many of them. */
export const ESTABLISHED_GUEST_GAMES = 20;
export const FRESH_ACCOUNT_MS = 86_400_000;
export const HISTORY_MS = 7 * 86_400_000;
/** At least this many matches are read, even if some are older than `HISTORY_MS`. */
export const HISTORY_MATCHES_MIN = 20;
export const HISTORY_MATCHES_MAX = 100;

const REPEATS_SHARE = 1 / 20;
const NEWCOMERS_SHARE = 1 / 10;
/** In a mode with one opponent, this many different opponents give the full weight, for any number of matches. */
const CIRCLE_ENOUGH = 12;
/**
 * Added for each opponent of the present match, so that the first match of a player counts. With the exponent, the first match of
 * two newcomers counts ¼.
 */
const CIRCLE_HEADSTART = Math.SQRT1_2;
const CIRCLE_EXPONENT = 4;

/** Summary of a player's earlier rated matches in the mode. */
export interface MatchHistory {
  readonly matches: number;
  /** Number of opponents in these matches. An opponent counts once for each match. */
  readonly meetings: number;
  /** Sum of the standings of the different opponents who do not play in this match. */
  readonly circle: number;
  /** Matches against newcomers: the sum, over the matches, of the mean of 1 − standing of the opponents. */
  readonly newcomers: number;
}

export interface WeighedPlayer {
  readonly player: string;
  readonly team: number;
  /** How far the player is established, 0 to 1: `standingOf`. */
  readonly standing: number;
  readonly history: MatchHistory;
}

/** How often two players of this match have met as opponents in earlier matches. */
export interface Meetings {
  readonly today: number;
  readonly total: number;
}

const NO_HISTORY: MatchHistory = { matches: 0, meetings: 0, circle: 0, newcomers: 0 };
const NEVER: Meetings = { today: 0, total: 0 };

/** @param isSettled whether the player has an account that is older than `FRESH_ACCOUNT_MS`. */
export function standingOf(games: number, isSettled: boolean): number {
  return Math.min(1, games / (isSettled ? ESTABLISHED_GAMES : ESTABLISHED_GUEST_GAMES));
}

/**
 * Estimates the weight from what a room itself knows. Exact if all players are new to the mode. Otherwise it is the mean, over all
 * pairs of opponents, of the standing of the less established player.
 */
export function weightWithoutHistory(players: readonly TeamMember[]): number {
  if (players.every(({ games }) => games === 0))
    return matchWeight(
      players.map((player) => ({ ...player, standing: 0, history: NO_HISTORY })),
      () => NEVER,
    );
  const standings = players.map(({ games }) => standingOf(games ?? 0, false));
  return meanOverPairs(players, (i, j) => Math.min(standings[i], standings[j]));
}

/** Returns the mean weight of all pairs of opponents. The rating uses the same pairs. 1 without opponents. */
export function matchWeight(
  players: readonly WeighedPlayer[],
  meetingsOf: (a: string, b: string) => Meetings | undefined,
): number {
  const circles = players.map((player) =>
    circleWeight(
      player,
      players.filter(({ team }) => team !== player.team),
    ),
  );
  return meanOverPairs(players, (i, j) => {
    const [a, b] = [players[i], players[j]];
    const known = Math.min(circles[i] * newcomerWeight(a, b), circles[j] * newcomerWeight(b, a));
    return known * repeatWeight(a.history, b.history, meetingsOf(a.player, b.player) ?? NEVER);
  });
}

function meanOverPairs(players: readonly { team: number }[], weightOf: (i: number, j: number) => number): number {
  let pairs = 0;
  let sum = 0;
  for (const [i, a] of players.entries()) {
    for (let j = i + 1; j < players.length; j++) {
      if (a.team === players[j].team) continue;
      pairs++;
      sum += weightOf(i, j);
    }
  }
  return pairs === 0 ? 1 : sum / pairs;
}

function repeatWeight(a: MatchHistory, b: MatchHistory, { today, total }: Meetings): number {
  const free = Math.max(1, REPEATS_SHARE * Math.min(a.matches, b.matches));
  return 0.5 ** Math.max(today, total - free);
}

function circleWeight({ history }: WeighedPlayer, opponents: readonly WeighedPlayer[]): number {
  const count = opponents.length;
  if (count === 0) return 1;
  const circle = opponents.reduce((sum, { standing }) => sum + standing, history.circle + CIRCLE_HEADSTART * count);
  const enough = Math.min(history.meetings + count, CIRCLE_ENOUGH * Math.sqrt(count));
  return Math.min(1, circle / enough) ** CIRCLE_EXPONENT;
}

/** Returns the factor of newcomers, for the first of the two players. */
function newcomerWeight({ history }: WeighedPlayer, { standing }: WeighedPlayer): number {
  const excess = Math.max(0, history.newcomers - NEWCOMERS_SHARE * history.matches);
  return standing + (1 - standing) * 0.5 ** excess;
}
