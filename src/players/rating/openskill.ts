/**
 * The rating by OpenSkill: a rating and its uncertainty, changed by the Plackett–Luce model. Pure: it must depend only on what
 * `started` and `ended` recorded.
 *
 * Source: R. C. Weng and C.-J. Lin, A Bayesian Approximation Method for Online Ranking, JMLR 12 (2011), algorithm 4, as
 * implemented by the library `openskill`. The proportions are those of the library: the deviation of a new player is 2 β, and τ
 * is a hundredth of that.
 */
import { rate } from "openskill";
import { INITIAL_RATING, type RatedPlayer, type RatingAlgorithm, type RatingChange } from "./Rating.ts";

/**
 * Standard deviation of one side's performance in a match of two sides, in points. For a difference d, the model expects a
 * score of 1 / (1 + e^(−d / c)), where c² = 2 β² once deviations are small; Elo expects 1 / (1 + 10^(−d / 400)). With β = 400 /
 * (√2 · ln 10) the two are equal.
 */
const BETA = 400 / (Math.SQRT2 * Math.LN10);
const INITIAL_DEVIATION = 2 * BETA;
const TAU = INITIAL_DEVIATION / 100;
const MILLION = 1e6;

/** In a match of n sides c² has n terms. A smaller β makes a difference in points mean the same in every mode. */
const betaOf = (sides: number): number => BETA * Math.sqrt(2 / sides);

interface Side {
  readonly players: readonly RatedPlayer[];
  /** 1 is best. A side that all players have left ranks behind the others. */
  readonly rank: number;
}

function sidesOf(players: readonly RatedPlayer[]): Side[] {
  return [...Map.groupBy(players, ({ team }) => team).values()].map((members) => {
    const stayed = members.filter(({ left }) => !left).map(({ place }) => place);
    return { players: members, rank: stayed.length === 0 ? players.length + 1 : Math.min(...stayed) };
  });
}

/**
 * Probability, 0 to 1, that side `i` of a match ranks before side `j`: e^(θi / c) / (e^(θi / c) + e^(θj / c)), where θ is the
 * sum of a side's ratings and c² the sum over all sides of β² and its members' deviation². Source: Weng and Lin (2011), 3.5
 * (Plackett–Luce, in which the comparison of two sides does not depend on the others).
 */
export function expectedScore(sides: readonly (readonly Estimate[])[], i: number, j: number): number {
  const beta = betaOf(sides.length);
  const variances = sides.map((side) => side.reduce((sum, { deviation }) => sum + deviation ** 2, beta ** 2));
  const c = Math.sqrt(variances.reduce((a, b) => a + b, 0));
  const theta = (side: readonly Estimate[]): number =>
    side.reduce((sum, { rating }) => sum + rating - INITIAL_RATING, 0);
  return 1 / (1 + Math.exp((theta(sides[j]) - theta(sides[i])) / c));
}

interface Estimate {
  readonly rating: number;
  readonly deviation: number;
}

/** Rating and deviation of each player after the match, by player id. */
function rateSides(sides: readonly Side[]): Map<string, Estimate> {
  // Relative to the initial rating, so that more players do not make a side stronger.
  const before = sides.map(({ players }) =>
    players.map(({ rating, deviation }) => ({ mu: rating - INITIAL_RATING, sigma: deviation })),
  );
  const after = rate(before, { rank: sides.map(({ rank }) => rank), beta: betaOf(sides.length), tau: TAU });
  return new Map(
    sides.flatMap(({ players }, side) =>
      players.map(({ player }, at) => {
        const { mu, sigma } = after[side][at];
        return [player, { rating: mu + INITIAL_RATING, deviation: sigma }] as const;
      }),
    ),
  );
}

/** A player who left loses even if the side won: rated as if the side had come last. */
function rateLeavers(sides: readonly Side[]): Map<string, Estimate> {
  const leavers = new Map<string, Estimate>();
  for (const side of sides) {
    const sideLeavers = side.players.filter((player) => player.left);
    if (sideLeavers.length === 0) continue;
    const behind = sides.map((other) => (other === side ? { ...side, rank: Number.MAX_SAFE_INTEGER } : other));
    const estimates = rateSides(behind);
    for (const { player } of sideLeavers) leavers.set(player, estimates.get(player)!);
  }
  return leavers;
}

export const openskill: RatingAlgorithm = {
  name: "openskill",

  deviation({ logPrecision }) {
    return Math.max(1, Math.round(INITIAL_DEVIATION * Math.exp(-logPrecision / (2 * MILLION))));
  },

  changes(players, weight): RatingChange[] {
    const sides = sidesOf(players);
    if (sides.length < 2) return players.map(({ player }) => ({ player, change: 0, precision: 0 }));
    const estimates = new Map([...rateSides(sides), ...rateLeavers(sides)]);
    return players.map(({ player, rating, deviation }) => {
      const after = estimates.get(player)!;
      return {
        player,
        change: toWhole(weight * (after.rating - rating)),
        precision: toWhole(weight * MILLION * 2 * Math.log(deviation / after.deviation)),
      };
    });
  },
};

/** Rounds, and turns −0 into 0. */
const toWhole = (value: number): number => Math.round(value) + 0;
