/**
 * Owns the rating by OpenSkill: a rating and its uncertainty, moved by the Plackett–Luce model. Pure. It must never see more than
 * `started` and `ended` recorded.
 *
 * Source: R. C. Weng and C.-J. Lin, A Bayesian Approximation Method for Online Ranking, JMLR 12 (2011), algorithm 4, in the
 * implementation of the library `openskill`, whose proportions are kept: a newcomer's deviation is 2 β, and τ is a
 * hundredth of that.
 */
import { rate } from "openskill";
import { INITIAL_RATING, type RatedPlayer, type RatingAlgorithm, type RatingChange } from "./Rating.ts";

/**
 * Standard deviation of one side's play in a match of two, in points. The model expects a score of 1 / (1 + e^(−d / c)) for a
 * difference d, c² = 2 β² once deviations are small; Elo 1 / (1 + 10^(−d / 400)). They are the same for β = 400 / (√2 · ln 10).
 */
const BETA = 400 / (Math.SQRT2 * Math.LN10);
const INITIAL_DEVIATION = 2 * BETA;
const TAU = INITIAL_DEVIATION / 100;
const MILLION = 1e6;

/** In a match of n sides c² has n terms; β is lowered by it, so that a difference means the same in every mode. */
const betaOf = (sides: number): number => BETA * Math.sqrt(2 / sides);

interface Side {
  readonly players: readonly RatedPlayer[];
  /** 1 is best; a side that all have left stands behind the others. */
  readonly rank: number;
}

function sidesOf(players: readonly RatedPlayer[]): Side[] {
  return [...Map.groupBy(players, ({ team }) => team).values()].map((members) => {
    const stayed = members.filter(({ left }) => !left).map(({ place }) => place);
    return { players: members, rank: stayed.length === 0 ? players.length + 1 : Math.min(...stayed) };
  });
}

/**
 * Chance, 0 to 1, that side `i` of a match comes in before side `j`: e^(θi / c) / (e^(θi / c) + e^(θj / c)), where θ is the sum of a side's
 * ratings and c² the sum over all sides of β² and its members' deviation². Source: Weng and Lin (2011), 3.5 (Plackett–Luce,
 * by which two sides compare alike whoever else is there).
 */
export function expectedScore(sides: readonly (readonly Moved[])[], i: number, j: number): number {
  const beta = betaOf(sides.length);
  const variances = sides.map((side) => side.reduce((sum, { deviation }) => sum + deviation ** 2, beta ** 2));
  const c = Math.sqrt(variances.reduce((a, b) => a + b, 0));
  const theta = (side: readonly Moved[]): number => side.reduce((sum, { rating }) => sum + rating - INITIAL_RATING, 0);
  return 1 / (1 + Math.exp((theta(sides[j]) - theta(sides[i])) / c));
}

interface Moved {
  readonly rating: number;
  readonly deviation: number;
}

/** What the match makes of each player, by id. */
function move(sides: readonly Side[]): Map<string, Moved> {
  // Counted from the initial rating, so that a side is not better for being larger.
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

/** Who left loses although the side may have won: as if the side had come last. */
function moveLeavers(sides: readonly Side[]): Map<string, Moved> {
  const leavers = new Map<string, Moved>();
  for (const side of sides) {
    const left = side.players.filter((player) => player.left);
    if (left.length === 0) continue;
    const behind = sides.map((other) => (other === side ? { ...side, rank: Number.MAX_SAFE_INTEGER } : other));
    const moved = move(behind);
    for (const { player } of left) leavers.set(player, moved.get(player)!);
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
    const moved = new Map([...move(sides), ...moveLeavers(sides)]);
    return players.map(({ player, rating, deviation }) => {
      const after = moved.get(player)!;
      return {
        player,
        change: whole(weight * (after.rating - rating)),
        precision: whole(weight * MILLION * 2 * Math.log(deviation / after.deviation)),
      };
    });
  },
};

/** Never −0. */
const whole = (value: number): number => Math.round(value) + 0;
