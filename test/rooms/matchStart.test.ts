/** What a match records at its start about how much it counts. */
import assert from "node:assert/strict";
import { Match } from "../../rooms/match/Match.ts";
import type { MatchWeighing } from "../../rooms/services.ts";
import type { MatchEvents } from "../../schema/matchEvents.ts";
import type { Game } from "../../src/game/Game.ts";
import type { TickRecord } from "../../src/game/TickEvents.ts";
import { tag } from "../tag/tag.ts";
import { quickArena } from "./quickArena.ts";

const TICK_RATE = 20;

class Start {
  readonly match: Match;
  readonly weighings: { readonly players: readonly string[]; resolve(weight: number): void; reject(): void }[] = [];
  started: MatchEvents["started"] | null = null;
  private readonly mode: string;

  constructor(game: Game, mode: string) {
    this.mode = mode;
    this.match = new Match({
      ...{ game, mode, matchId: "m", region: "local", source: "arena", tickRate: TICK_RATE, seed: "0".repeat(32) },
      ...{ at: 0, algorithm: "elo" },
      record: ({ matchEvents }: TickRecord) => {
        for (const event of matchEvents) if (event.kind === "started") this.started = event;
      },
      weigh: (players): MatchWeighing => {
        const { promise, resolve, reject } = Promise.withResolvers<number>();
        this.weighings.push({ players: players.map(({ player }) => player), resolve, reject });
        return { estimate: 0.5, exact: promise };
      },
    });
  }

  seat(...ids: string[]): this {
    for (const playerId of ids) {
      const known = { rating: 1500, games: 3, deviation: null, isRatable: true };
      this.match.seats.seatPlayer({ sessionId: `s-${playerId}`, playerId, name: playerId, ...known }, null, false);
    }
    return this;
  }

  async step(until: () => boolean): Promise<void> {
    for (let steps = 0; !until(); steps++) {
      assert.ok(steps < 2000, `still ${this.match.phase} in ${this.mode}`);
      this.match.step(0, 0);
      await new Promise(setImmediate);
    }
  }
}

const arena = quickArena({ countdownMs: 1000, ratedMinMs: undefined });

describe("the start of a match", () => {
  it("records the exact weight if it is known by then", async () => {
    const start = new Start(arena, "duel").seat("a", "b");
    await start.step(() => start.match.phase === "countdown");
    start.weighings[0].resolve(0.125);
    await start.step(() => start.started !== null);
    assert.deepEqual([start.started!.rated, start.started!.weight], [true, 0.125]);
  });

  it("does not wait for the weight, and records the estimate, also if the exact weight cannot be read", async () => {
    for (const fail of [false, true]) {
      const start = new Start(arena, "duel").seat("a", "b");
      await start.step(() => start.match.phase === "countdown");
      if (fail) start.weighings[0].reject();
      await start.step(() => start.started !== null);
      assert.deepEqual([start.started!.rated, start.started!.weight], [true, 0.5]);
    }
  });

  it("ignores the weight of players who are not those of the start", async () => {
    const start = new Start(arena, "duel").seat("a", "b");
    await start.step(() => start.match.phase === "countdown");
    start.match.seats.leave(1, "left", false);
    await start.step(() => start.match.phase === "waiting");
    start.seat("c");
    await start.step(() => start.match.phase === "countdown");
    assert.deepEqual(
      start.weighings.map(({ players }) => players),
      [
        ["a", "b"],
        ["a", "c"],
      ],
    );
    start.weighings[1].resolve(0.25);
    await new Promise(setImmediate);
    start.weighings[0].resolve(1);
    await start.step(() => start.started !== null);
    assert.equal(start.started!.weight, 0.25);
  });

  it("weighs again when a player is replaced during the countdown, also in its last step", async () => {
    for (const last of [false, true]) {
      const start = new Start(arena, "duel").seat("a", "b");
      await start.step(() => start.match.phase === "countdown");
      start.weighings[0].resolve(1);
      const endsAt = start.match.tick + TICK_RATE;
      await start.step(() => start.match.tick === endsAt - (last ? 1 : 5));
      assert.equal(start.match.phase, "countdown");
      start.match.seats.leave(1, "left", false);
      start.seat("c");
      await start.step(() => start.started !== null);
      assert.deepEqual([start.weighings.at(-1)!.players, start.started!.weight], [["a", "c"], 0.5]);
    }
  });

  it("records the estimate in a game without a countdown", async () => {
    const start = new Start(tag, "pair").seat("a", "b");
    await start.step(() => start.started !== null);
    assert.deepEqual([start.started!.weight, start.weighings.length], [0.5, 1]);
  });

  it("records from which tick on the match counts: by default after 30 s of play, otherwise as the mode says", async () => {
    for (const [ratedMinMs, seconds] of [
      [undefined, 30],
      [4000, 4],
      [0, 0],
    ] as const) {
      const start = new Start(quickArena({ ratedMinMs }), "duel").seat("a", "b");
      await start.step(() => start.started !== null);
      assert.equal(start.started!.ratedFromTick, start.match.tick + seconds * TICK_RATE);
    }
  });
});
