/**
 * Measures how well ratings predict results: the mean log loss over all pairs of opponents, in simulated seasons of players whose
 * skill is known and drifts. Lower is better. The peer is the library OpenSkill (Weng and Lin 2011) with its defaults, on the
 * same matches.
 *
 * Each algorithm predicts a match before it gets the result. OpenSkill predicts by its own model, Plackett–Luce, with the scale
 * that it uses for a match with that number of teams. `predictWin` of a pair has the scale of a duel, and would be far too
 * certain in a free-for-all.
 */
import { rate, rating } from "openskill";
import { elo, expectedScore as eloExpects } from "../../src/players/rating/elo.ts";
import { openskill, expectedScore as openskillExpects } from "../../src/players/rating/openskill.ts";
import { INITIAL_RATING, type RatingAlgorithm } from "../../src/players/rating/Rating.ts";
import type { Row } from "../Row.ts";

const PLAYERS = 1_000;
const MATCHES = 15_000;
/** Matches that update ratings, but are not measured. */
const WARM_UP = 5_000;
const SKILL_SPREAD = 300;
const LUCK_SPREAD = 200;
const DRIFT = 2;

/** Park and Miller, Random Number Generators: Good Ones Are Hard to Find (1988). */
function generator(seed: number) {
  let state = seed;
  const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647;
  /** Box and Muller (1958). */
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

interface SimulatedMatch {
  /** Teams of players, best first. */
  readonly teams: readonly (readonly number[])[];
}

function* season(teamCount: number, teamSize: number, seed: number): Generator<SimulatedMatch> {
  const { uniform, normal } = generator(seed);
  const skill = Array.from({ length: PLAYERS }, () => SKILL_SPREAD * normal());
  for (let match = 0; match < MATCHES; match++) {
    const pool = new Set<number>();
    while (pool.size < teamCount * teamSize) pool.add(Math.floor(uniform() * PLAYERS));
    const players = [...pool];
    const teams = Array.from({ length: teamCount }, (_, t) => players.slice(t * teamSize, (t + 1) * teamSize));
    const strength = (team: readonly number[]) => mean(team.map((p) => skill[p] + LUCK_SPREAD * normal()));
    const order = teams.map((team) => ({ team, value: strength(team) })).sort((a, b) => b.value - a.value);
    for (const p of players) skill[p] += DRIFT * normal();
    yield { teams: order.map(({ team }) => team) };
  }
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** `expect(i, j)`: probability that team i beats team j. */
function pairLoss(teams: number, expect: (i: number, j: number) => number): number {
  const losses: number[] = [];
  for (let i = 0; i < teams; i++)
    for (let j = i + 1; j < teams; j++) losses.push(-Math.log(Math.min(1 - 1e-9, Math.max(1e-9, expect(i, j)))));
  return mean(losses);
}

/** The rating of a player as it is stored. */
interface StoredRating {
  rating: number;
  games: number;
  logPrecision: number;
}

type Sides = readonly (readonly { readonly rating: number; readonly deviation: number }[])[];

const expectations: Readonly<Record<string, (sides: Sides, i: number, j: number) => number>> = {
  elo: (sides, i, j) => eloExpects(mean(sides[i].map((p) => p.rating)), mean(sides[j].map((p) => p.rating))),
  openskill: openskillExpects,
};

/** Returns the loss of one of the program's algorithms, with whole numbers, as they are recorded and stored. */
function ownLoss(algorithm: RatingAlgorithm, matches: Iterable<SimulatedMatch>): number {
  const stored = Array.from(
    { length: PLAYERS },
    (): StoredRating => ({ rating: INITIAL_RATING, games: 0, logPrecision: 0 }),
  );
  const expect = expectations[algorithm.name];
  const losses: number[] = [];
  let number = 0;
  for (const { teams } of matches) {
    const sides = teams.map((team) => team.map((p) => ({ ...stored[p], deviation: algorithm.deviation(stored[p]) })));
    if (number++ >= WARM_UP) losses.push(pairLoss(teams.length, (i, j) => expect(sides, i, j)));
    const players = sides.flatMap((side, team) =>
      side.map((known, at) => ({ ...known, player: String(teams[team][at]), team, place: team + 1, left: false })),
    );
    for (const { player, change, precision } of algorithm.changes(players, 1)) {
      const one = stored[Number(player)];
      one.rating += change;
      one.logPrecision += precision;
      one.games++;
    }
  }
  return mean(losses);
}

const BETA_SQUARED = (25 / 6) ** 2;

function libraryLoss(matches: Iterable<SimulatedMatch>): number {
  const ratings = Array.from({ length: PLAYERS }, () => rating());
  const losses: number[] = [];
  let number = 0;
  for (const { teams } of matches) {
    const before = teams.map((team) => team.map((p) => ratings[p]));
    const means = before.map((team) => team.reduce((sum, { mu }) => sum + mu, 0));
    const c = Math.sqrt(before.flat().reduce((sum, { sigma }) => sum + sigma ** 2, teams.length * BETA_SQUARED));
    if (number++ >= WARM_UP)
      losses.push(pairLoss(teams.length, (i, j) => 1 / (1 + Math.exp((means[j] - means[i]) / c))));
    for (const [t, team] of rate(before).entries())
      for (const [s, after] of team.entries()) ratings[teams[t][s]] = after;
  }
  return mean(losses);
}

export function logLossRows(): Row[] {
  const modes = [
    { name: "squad", teams: 2, size: 4 },
    { name: "ffa", teams: 16, size: 1 },
  ];
  const note = `${MATCHES} matches of ${PLAYERS} players, lower is better, ln 2 is a coin`;
  return modes.flatMap(({ name, teams, size }) => {
    const peerFigure = libraryLoss(season(teams, size, 7));
    return [elo, openskill].map((algorithm) => {
      const figure = ownLoss(algorithm, season(teams, size, 7));
      return {
        ...{ name: `log loss, ${name}, ${algorithm.name}`, figure, unit: "nats" },
        ...{ peer: "the library openskill", peerFigure, ratio: figure / peerFigure, note },
      };
    });
  });
}
