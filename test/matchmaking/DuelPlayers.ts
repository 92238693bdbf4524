/** Many duel players. They enter the queue one after another, on all running processes in turn, and each plays one match. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { Entrant } from "./Entrant.ts";
import type { Fleet } from "./Fleet.ts";

export interface DuelPlayersOptions {
  readonly count: number;
  readonly overMs: number;
  readonly confirmAfterMs: number;
}

/** All ratings are close enough to be matched without a wait. */
const ratingOf = (at: number) => 1480 + ((at * 7) % 40);

export class DuelPlayers {
  readonly entrants: readonly Entrant[];
  /** Programs that do not answer at present. No player enters the queue there. */
  readonly paused = new Set<unknown>();
  readonly #arriving: Promise<unknown>;

  private constructor(entrants: readonly Entrant[], overMs: number) {
    this.entrants = entrants;
    this.#arriving = Promise.all(
      entrants.map(async (one, at) => {
        await delay((at / entrants.length) * overMs);
        await one.enter();
      }),
    );
  }

  static async start(fleet: Fleet, { count, overMs, confirmAfterMs }: DuelPlayersOptions): Promise<DuelPlayers> {
    const people = await fleet.createPlayers(
      "duel",
      Array.from({ length: count }, (_, at) => ratingOf(at)),
    );
    let turn = 0;
    let paused: ReadonlySet<unknown> = new Set();
    const url = () => {
      const answering = fleet.running.filter((program) => !paused.has(program));
      return answering[turn++ % answering.length].url;
    };
    const players = new DuelPlayers(
      people.map((person) => new Entrant({ person, mode: "duel", url, confirmAfterMs })),
      overMs,
    );
    paused = players.paused;
    return players;
  }

  /** Resolves when every player has a match that all have confirmed. */
  async untilAllMatched(withinMs = 60_000): Promise<void> {
    const late = delay(withinMs, "late", { ref: false });
    if ((await Promise.race([this.#arriving, late])) !== "late") return;
    const missing = this.entrants.filter(({ placed }) => !placed);
    throw new Error(
      `${missing.length} of ${this.entrants.length} have no match:\n${missing.map(({ problems, queued, sat }) => `${queued} ${JSON.stringify(sat)} ${problems}`).join("\n")}`,
    );
  }

  /** Asserts that each player has exactly one confirmed match, and that every other match whose seat they took was closed. */
  async checkOneMatchEach(): Promise<void> {
    const rest = () =>
      this.entrants.flatMap(({ sat }) => sat.filter(({ confirmed, closed }) => !confirmed && closed === null));
    for (let tries = 100; rest().length > 0 && tries > 0; tries--) await delay(100);
    assert.deepEqual(rest(), []);
    for (const { sat, person } of this.entrants)
      assert.equal(sat.filter(({ confirmed }) => confirmed).length, 1, person.playerId);
  }

  /** Lets all players leave queues and matches. */
  async leave(): Promise<void> {
    await Promise.all(this.entrants.map((one) => one.stop()));
    await this.#arriving.catch(() => {});
  }
}
