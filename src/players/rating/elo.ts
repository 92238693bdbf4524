/** Owns the Elo rating: expected score, K by experience, teams by their mean, free-for-all by pairs. Pure. */
import type { RatedPlayer, RatingAlgorithm, RatingChange } from "./Rating.ts";

const PROVISIONAL_GAMES = 30;
const K_PROVISIONAL = 40;
const K_SETTLED = 20;

/**
 * Expected score of `rating` against `opponent`, 0 to 1: 1 / (1 + 10^((opponent − rating) / 400)).
 * Source: A. E. Elo, The Rating of Chessplayers, Past and Present (1978), 8.43 (logistic form).
 */
export function expectedScore(rating: number, opponent: number): number {
  return 1 / (1 + 10 ** ((opponent - rating) / 400));
}

/**
 * Most points that one match can move a rating. Source: FIDE Rating Regulations (B.02) 8.3.3, which give new players
 * 40 until 30 games and 20 from then on.
 */
export function kFactor(games: number): number {
  return games < PROVISIONAL_GAMES ? K_PROVISIONAL : K_SETTLED;
}

function scoreAgainst(player: RatedPlayer, opponent: RatedPlayer): number {
  if (player.left !== opponent.left) return player.left ? 0 : 1;
  if (player.place === opponent.place) return 0.5;
  return player.place < opponent.place ? 1 : 0;
}

function meanRatings(players: readonly RatedPlayer[]): Map<number, number> {
  const teams = new Map<number, number[]>();
  for (const { team, rating } of players) teams.set(team, [...(teams.get(team) ?? []), rating]);
  return new Map([...teams].map(([team, ratings]) => [team, ratings.reduce((a, b) => a + b, 0) / ratings.length]));
}

/**
 * Rounds to whole numbers whose sum is the rounded sum of `values`, moving those that lose least by it.
 * Source: the largest-remainder method (Hamilton 1792).
 */
export function roundKeepingSum(values: readonly number[]): number[] {
  const rounded = values.map(Math.floor);
  const sum = Math.round(values.reduce((a, b) => a + b, 0));
  const byRemainder = values
    .map((value, index) => ({ index, remainder: value - rounded[index] }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  const missing = sum - rounded.reduce((a, b) => a + b, 0);
  for (const { index } of byRemainder.slice(0, missing)) rounded[index]++;
  return rounded;
}

/**
 * Elo with K by experience. Each player meets every player of the other teams: the score of a pair is 1, ½ or 0 by place, and
 * its expectation that of the two teams' mean ratings, so a duel is plain Elo, a team shares one expectation, and a
 * free-for-all is the mean over its pairs (each pair counted as in a round robin, FIDE B.02 8.3). What one side of a
 * pair wins the other loses, so changes sum to zero where K is equal; rounding keeps the sum.
 */
export const elo: RatingAlgorithm = {
  name: "elo",

  deviation({ games }) {
    // Elo itself has none. A coarse band for display: one full step of a settled player, wider while games are missing.
    return Math.round(K_SETTLED * Math.sqrt(1 + Math.max(0, PROVISIONAL_GAMES - games)));
  },

  changes(players, weight): RatingChange[] {
    const means = meanRatings(players);
    // The same divisor for both sides of a pair keeps the sum at zero when teams differ in size.
    const opponents = players.length - players.length / means.size;
    const raw = players.map((player) => {
      if (means.size < 2) return 0;
      let won = 0;
      for (const other of players) {
        if (other.team === player.team) continue;
        won += scoreAgainst(player, other) - expectedScore(means.get(player.team)!, means.get(other.team)!);
      }
      return (kFactor(player.games) * weight * won) / opponents;
    });
    const whole = roundKeepingSum(raw);
    return players.map(({ player }, index) => ({ player, change: whole[index], precision: 0 }));
  },
};

/**
 * Share that a match counts for when the same people have already met `earlierMatches` times that day: 1, ½, ¼, … so that
 * two friends cannot lift each other without end (the sum stays below 2).
 */
export function weightAfter(earlierMatches: number): number {
  return 0.5 ** earlierMatches;
}
