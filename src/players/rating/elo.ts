/** The Elo rating. Pure: the same match must always give the same changes. */
import {
  isProvisional,
  PROVISIONAL_GAMES,
  type RatedPlayer,
  type RatingAlgorithm,
  type RatingChange,
} from "./Rating.ts";

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
  return isProvisional(games) ? K_PROVISIONAL : K_SETTLED;
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
 * Rounds to whole numbers whose sum is the rounded sum of `values`: rounds up the values with the largest remainders. Source: the
 * largest-remainder method (Hamilton 1792).
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
 * Elo with a K that depends on games played. Each player is compared with every player of the other teams. The score of a pair
 * is 1, ½ or 0 by place, and the expected score is that of the mean ratings of the two teams. So a duel is plain Elo, a team
 * shares one expected score, and a free-for-all is the mean over its pairs (as in a round robin, FIDE B.02 8.3). In each pair,
 * one side wins what the other loses, so changes sum to zero if K is equal. Rounding keeps the sum.
 */
export const elo: RatingAlgorithm = {
  name: "elo",

  deviation({ games }) {
    // Elo has no deviation. This is a rough value for display: the K of a settled player, wider during the first 30 games.
    return Math.round(K_SETTLED * Math.sqrt(1 + Math.max(0, PROVISIONAL_GAMES - games)));
  },

  changes(players, weight): RatingChange[] {
    const means = meanRatings(players);
    // The same divisor for both sides of a pair keeps the sum at zero when teams differ in size.
    const opponents = players.length - players.length / means.size;
    const raw = players.map((player) => {
      if (means.size < 2) return 0;
      let surplus = 0;
      for (const other of players) {
        if (other.team === player.team) continue;
        surplus += scoreAgainst(player, other) - expectedScore(means.get(player.team)!, means.get(other.team)!);
      }
      return (kFactor(player.games) * weight * surplus) / opponents;
    });
    const whole = roundKeepingSum(raw);
    return players.map(({ player }, index) => ({ player, change: whole[index], precision: 0 }));
  },
};
