/**
 * Plays arena matches with bots only and records them tick by tick, as a room would. There is no clock: the caller plays each
 * tick.
 */
import { randomBytes } from "node:crypto";
import { v7 } from "uuid";
import { arena } from "../../../src/arena/game.ts";
import { BOT, Frames } from "../../../src/game/Frames.ts";
import type { MatchSetup } from "../../../src/game/Game.ts";
import { GameWorld } from "../../../src/game/GameWorld.ts";
import type { MatchRecorder, TickEvents, TickRecord } from "../../../src/game/TickEvents.ts";

const nothing: Omit<TickRecord, "tick" | "at"> = {
  matchEvents: [],
  facts: null,
  setup: null,
  seatChanges: [],
  frames: null,
  hash: null,
};

export class RecordedMatch {
  readonly matchId = v7();
  readonly #world: GameWorld;
  readonly #frames: Frames;
  readonly #recorder: MatchRecorder;
  #tick = 0;

  /** @param seed 32 hex digits; random by default. */
  constructor(tickEvents: TickEvents, mode: string, seed = randomBytes(16).toString("hex")) {
    const { teams } = arena.modes[mode];
    const roster = teams.map((team, seat) => ({ seat, team, role: seat % arena.roles.length }));
    const setup: MatchSetup = { mode, map: arena.maps[0], tickRate: 20, seed, roster };
    this.#world = GameWorld.create(arena, arena.rules, setup);
    this.#frames = new Frames(teams.length, arena.inputFields.length);
    this.#recorder = tickEvents.open({
      game: arena,
      matchId: this.matchId,
      roomId: "room",
      mode,
      seats: teams.length,
    });
    this.#recorder.record({
      ...nothing,
      tick: 0,
      at: Date.now(),
      matchEvents: [
        { kind: "created", rulesVersion: arena.rules.version, rated: false, region: "test", source: "arena" },
        ...roster.map(({ seat, team, role }) => ({
          kind: "joined" as const,
          player: `bot:${seat}`,
          seat,
          team,
          role,
          bot: true,
        })),
      ],
      setup: {
        kind: "setup",
        game: "arena",
        rulesVersion: arena.rules.version,
        constants: arena.rules,
        ...setup,
        roster,
      },
      seatChanges: roster.map(({ seat, role }) => ({ kind: "seat", seat, player: `bot:${seat}`, bot: true, role })),
    });
    for (const { seat, role } of roster) {
      this.#frames.holder[seat] = BOT;
      this.#frames.role[seat] = role;
    }
  }

  /** Last tick recorded. */
  get tick(): number {
    return this.#tick;
  }

  /** Whether the world has ended: then `step` must not be called again. */
  get isOver(): boolean {
    return this.#world.status.phase === "ended";
  }

  step(): void {
    this.#tick++;
    for (let seat = 0; seat < this.#frames.seats; seat++) this.#world.think(seat, this.#frames);
    const facts = this.#world.step(this.#frames);
    this.#recorder.record({ ...nothing, tick: this.#tick, at: Date.now(), facts, frames: this.#frames });
  }

  end(): void {
    this.#recorder.record({
      ...nothing,
      tick: ++this.#tick,
      at: Date.now(),
      matchEvents: [{ kind: "ended", reason: "time", lastTick: this.#tick - 1, standings: [], teamScores: [] }],
    });
    this.#recorder.close();
  }
}
