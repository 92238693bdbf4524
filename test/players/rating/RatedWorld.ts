/** Players and their rated matches, in memory: weights and Elo as on the server. A database is compared with it. */
import { elo } from "../../../src/players/rating/elo.ts";
import {
  FRESH_ACCOUNT_MS,
  HISTORY_MATCHES_MAX,
  HISTORY_MATCHES_MIN,
  HISTORY_MS,
  type Meetings,
  matchWeight,
  standingOf,
  type WeighedPlayer,
} from "../../../src/players/rating/matchWeight.ts";

export const DAY_MS = 86_400_000;

interface Person {
  readonly id: string;
  readonly kind: "anonymous" | "account";
  readonly createdAt: number;
  rating: number;
  games: number;
  /** Oldest first. */
  readonly matches: { readonly at: number; readonly opponents: readonly string[] }[];
}

export class RatedWorld {
  /** Unix ms. */
  now = Date.UTC(2026, 0, 5);
  readonly people = new Map<string, Person>();

  /** A new player, or one with the given rating and games. */
  add(id: string, kind: Person["kind"] = "account", of: Partial<Person> = {}): void {
    this.people.set(id, { id, kind, createdAt: this.now, rating: 1500, games: 0, matches: [], ...of });
  }

  /** An account that has played for weeks, with others. */
  addSettled(id: string, rating = 1500): void {
    this.add(id, "account", { createdAt: this.now - 30 * DAY_MS, games: 50, rating });
  }

  ratingOf(id: string): number {
    return this.people.get(id)!.rating;
  }

  /** Plays a match; the teams are in the order of their places. Returns its weight. */
  play(teams: readonly (readonly string[])[]): number {
    const weight = this.weigh(teams);
    const members = teams.flatMap((team, place) => team.map((id) => ({ person: this.people.get(id)!, place, team })));
    const changes = elo.changes(
      members.map(({ person: { id, rating, games }, place }) => {
        return { player: id, team: place, rating, games, deviation: 1, place: place + 1, left: false };
      }),
      weight,
    );
    for (const [index, { person, team }] of members.entries()) {
      person.rating += changes[index].change;
      person.games++;
      person.matches.push({ at: this.now, opponents: teams.filter((other) => other !== team).flat() });
    }
    return weight;
  }

  weigh(teams: readonly (readonly string[])[]): number {
    const members = teams.flat();
    const players = teams.flatMap((team, index) => team.map((id) => this.#weighed(id, index, members)));
    return matchWeight(players, (a, b) => this.#meetings(a, b));
  }

  #meetings(a: string, b: string): Meetings {
    const met = this.#sample(a).filter(({ opponents }) => opponents.includes(b));
    const today = Math.floor(this.now / DAY_MS);
    return { total: met.length, today: met.filter(({ at }) => Math.floor(at / DAY_MS) === today).length };
  }

  #weighed(id: string, team: number, members: readonly string[]): WeighedPlayer {
    const sample = this.#sample(id);
    const met = sample.flatMap(({ opponents }) => opponents);
    const others = new Set(met.filter((opponent) => !members.includes(opponent)));
    const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
    const newcomers = sample.map(
      ({ opponents }) => sum(opponents.map((opponent) => 1 - this.#standing(opponent))) / opponents.length,
    );
    return {
      ...{ player: id, team, standing: this.#standing(id) },
      history: {
        ...{ matches: sample.length, meetings: met.length, newcomers: sum(newcomers) },
        circle: sum([...others].map((other) => this.#standing(other))),
      },
    };
  }

  #standing(id: string): number {
    const { kind, createdAt, games } = this.people.get(id)!;
    return standingOf(games, kind === "account" && createdAt < this.now - FRESH_ACCOUNT_MS);
  }

  #sample(id: string) {
    const newest = this.people.get(id)!.matches.slice(-HISTORY_MATCHES_MAX);
    const since = this.now - HISTORY_MS;
    return newest.filter(({ at }, index) => at >= since || index >= newest.length - HISTORY_MATCHES_MIN);
  }
}
