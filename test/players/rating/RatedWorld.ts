/** Players who meet in rated duels, in memory: applies weights and Elo exactly as the server does. */
import { elo } from "../../../src/players/rating/elo.ts";
import {
  FRESH_ACCOUNT_MS,
  HISTORY_MATCHES_MIN,
  HISTORY_MS,
  matchWeight,
  standingOf,
  type WeighedPlayer,
} from "../../../src/players/rating/matchWeight.ts";

const DAY_MS = 86_400_000;
const SAMPLE_MAX = 100;

interface Person {
  readonly id: string;
  readonly kind: "anonymous" | "account";
  readonly createdAt: number;
  rating: number;
  games: number;
  /** Oldest first. */
  readonly met: { readonly at: number; readonly opponent: string }[];
}

export class RatedWorld {
  /** Unix ms. */
  now = Date.UTC(2026, 0, 5);
  readonly people = new Map<string, Person>();

  add(id: string, kind: Person["kind"] = "account", of: Partial<Person> = {}): Person {
    const person = { id, kind, createdAt: this.now, rating: 1500, games: 0, met: [], ...of };
    this.people.set(id, person);
    return person;
  }

  /** `a` and `b` play. Returns the weight of the match. */
  duel(winner: string, loser: string): number {
    const both = [winner, loser].map((id) => this.people.get(id)!);
    const weight = this.weigh(winner, loser);
    const changes = elo.changes(
      both.map(({ id, rating, games }, team) => {
        return { player: id, team, rating, games, deviation: 1, place: team + 1, left: false };
      }),
      weight,
    );
    for (const [index, person] of both.entries()) {
      person.rating += changes[index].change;
      person.games++;
      person.met.push({ at: this.now, opponent: both[1 - index].id });
    }
    return weight;
  }

  weigh(a: string, b: string): number {
    const players = [a, b].map((id, team) => this.#weighed(id, team, [a, b]));
    const met = this.#sample(this.people.get(a)!).filter(({ opponent }) => opponent === b);
    const today = Math.floor(this.now / DAY_MS);
    const meetings = { total: met.length, today: met.filter(({ at }) => Math.floor(at / DAY_MS) === today).length };
    return matchWeight(players, () => meetings);
  }

  #weighed(id: string, team: number, members: readonly string[]): WeighedPlayer {
    const sample = this.#sample(this.people.get(id)!);
    const others = new Set(sample.map(({ opponent }) => opponent).filter((opponent) => !members.includes(opponent)));
    return {
      ...{ player: id, team, standing: this.#standing(id) },
      history: {
        matches: sample.length,
        meetings: sample.length,
        circle: [...others].reduce((sum, other) => sum + this.#standing(other), 0),
        newcomers: sample.reduce((sum, { opponent }) => sum + 1 - this.#standing(opponent), 0),
      },
    };
  }

  #standing(id: string): number {
    const { kind, createdAt, games } = this.people.get(id)!;
    return standingOf(games, kind === "account" && createdAt < this.now - FRESH_ACCOUNT_MS);
  }

  #sample({ met }: Person) {
    const newest = met.slice(-SAMPLE_MAX);
    const since = this.now - HISTORY_MS;
    return newest.filter(({ at }, index) => at >= since || index >= newest.length - HISTORY_MATCHES_MIN);
  }
}
