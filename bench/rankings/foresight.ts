/**
 * How well ratings foretell results: mean log loss over all pairs of opponents, in simulated seasons of players whose skill is
 * known and drifts. Lower is better. Beside OpenSkill (Weng and Lin 2011), which sees the same matches.
 */
import { predictWin, rate, rating } from "openskill";
import { expectedScore } from "../../src/rating/elo.ts";
import type { RatingAlgorithm } from "../../src/rating/Rating.ts";
import type { Row } from "../Row.ts";

const PLAYERS = 1_000;
const MATCHES = 15_000;
/** Matches that only teach. */
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

interface Played {
  /** Teams of players, best first. */
  readonly teams: readonly (readonly number[])[];
}

function* season(teamCount: number, teamSize: number, seed: number): Generator<Played> {
  const { uniform, normal } = generator(seed);
  const skill = Array.from({ length: PLAYERS }, () => SKILL_SPREAD * normal());
  for (let match = 0; match < MATCHES; match++) {
    const pool = new Set<number>();
    while (pool.size < teamCount * teamSize) pool.add(Math.floor(uniform() * PLAYERS));
    const people = [...pool];
    const teams = Array.from({ length: teamCount }, (_, t) => people.slice(t * teamSize, (t + 1) * teamSize));
    const strength = (team: readonly number[]) => mean(team.map((p) => skill[p] + LUCK_SPREAD * normal()));
    const order = teams.map((team) => ({ team, value: strength(team) })).sort((a, b) => b.value - a.value);
    for (const p of people) skill[p] += DRIFT * normal();
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

function eloLoss(algorithm: RatingAlgorithm, matches: Iterable<Played>): number {
  const ratings = new Array<number>(PLAYERS).fill(algorithm.initialRating);
  const games = new Array<number>(PLAYERS).fill(0);
  const losses: number[] = [];
  let number = 0;
  for (const { teams } of matches) {
    const means = teams.map((team) => mean(team.map((p) => ratings[p])));
    if (number++ >= WARM_UP) losses.push(pairLoss(teams.length, (i, j) => expectedScore(means[i], means[j])));
    const people = teams.flatMap((team, t) =>
      team.map((p) => ({ player: String(p), team: t, rating: ratings[p], games: games[p], place: t + 1, left: false })),
    );
    for (const { player, change } of algorithm.changes(people, 1)) {
      ratings[Number(player)] += change;
      games[Number(player)]++;
    }
  }
  return mean(losses);
}

function openskillLoss(matches: Iterable<Played>): number {
  const ratings = Array.from({ length: PLAYERS }, () => rating());
  const losses: number[] = [];
  let number = 0;
  for (const { teams } of matches) {
    const before = teams.map((team) => team.map((p) => ratings[p]));
    if (number++ >= WARM_UP) losses.push(pairLoss(teams.length, (i, j) => predictWin([before[i], before[j]])[0]));
    for (const [t, team] of rate(before).entries())
      for (const [s, after] of team.entries()) ratings[teams[t][s]] = after;
  }
  return mean(losses);
}

export function foresightRows(algorithm: RatingAlgorithm): Row[] {
  const modes = [
    { name: "squad", teams: 2, size: 4 },
    { name: "ffa", teams: 16, size: 1 },
  ];
  return modes.map(({ name, teams, size }) => {
    const figure = eloLoss(algorithm, season(teams, size, 7));
    const peerFigure = openskillLoss(season(teams, size, 7));
    const note = `${MATCHES} matches of ${PLAYERS} players, lower is better, ln 2 is a coin`;
    return {
      name: `log loss, ${name}`,
      figure,
      unit: "nats",
      peer: "openskill",
      peerFigure,
      ratio: figure / peerFigure,
      note,
    };
  });
}
