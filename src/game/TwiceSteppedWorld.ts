/**
 * A world of which each step is computed twice, from the same saved bytes, to find steps, hashes, bots and saves that depend on
 * anything else than the world and its frames. The calls of the game are trapped (`trapNondeterminism.ts`).
 */
import { BOT, type Frames } from "./Frames.ts";
import { framesOf } from "./framesOf.ts";
import type { Game, MatchSetup, MatchStateShape, MatchStatus, PlayerStateShape } from "./Game.ts";
import { GameFault, type Problem } from "./GameFault.ts";
import { GameWorld } from "./GameWorld.ts";
import { sampleCommands } from "./sampleCommands.ts";
import { ForbiddenCall, withTraps } from "./trapNondeterminism.ts";
import { differenceOf } from "./worldDifference.ts";

/** Writes into the frames of a step who holds each seat, and the values of persons. Those of bots follow. */
export type GiveFrames = (frames: Frames) => void;

/** A game that does not play the same match twice. Its recordings cannot be played again. */
export class NotDeterministic extends GameFault {}

const REMEDY =
  "compute everything from the world and its frames, and keep all state in the world, where save and load include it";

export class TwiceSteppedWorld {
  readonly #game: Game;
  readonly #mode: string;
  readonly #world: GameWorld;
  readonly #frames: Frames;
  readonly #framesAgain: Frames;
  /** The other world of the latest `stepTwice`, and the tick at which it was loaded. */
  #loaded: GameWorld | null = null;
  #loadedAt = 0;

  /** Creates the world with a bot in each seat; `GiveFrames` may change the holders. Throws a `GameFault` if the game cannot. */
  constructor(game: Game, setup: MatchSetup) {
    this.#game = game;
    this.#mode = setup.mode;
    this.#world = this.#trapped("createWorld", () => GameWorld.create(game, game.rules, setup));
    const seats = setup.roster.length;
    [this.#frames, this.#framesAgain] = [framesOf(game, seats), framesOf(game, seats)];
    for (const frames of [this.#frames, this.#framesAgain]) frames.holder.fill(BOT);
  }

  get status(): Readonly<MatchStatus> {
    return this.#world.status;
  }

  /** What the latest step got. */
  get frames(): Frames {
    return this.#frames;
  }

  /** Checks the result of the match at this tick. */
  result(): void {
    this.#trapped("result", () => this.#world.result());
  }

  /** Writes the world into the synced state. */
  project(state: MatchStateShape, playersBySeat: readonly (PlayerStateShape | null)[]): void {
    this.#trapped("project", () => this.#world.project(state, playersBySeat));
  }

  /** Computes one step, once. Throws a `GameFault` at a mistake. */
  step(give?: GiveFrames): void {
    this.#loaded = null;
    this.#frames.commands = this.#commands();
    give?.(this.#frames);
    this.#trapped("step", () => {
      this.#think(this.#world, this.#frames);
      this.#world.step(this.#frames);
    });
  }

  /**
   * Computes one step as `step` does, and once more in a world that was loaded. Throws `NotDeterministic` if they differ. `keeps`: the
   * world that was loaded for the step before is used again, which finds state that is not saved and matters only later.
   */
  stepTwice(give?: GiveFrames, keeps = false): void {
    const [frames, again] = [this.#frames, this.#framesAgain];
    if (!keeps || this.#loaded === null) this.#loaded = this.#load();
    const loaded = this.#loaded;
    give?.(frames);
    for (const part of ["values", "holder", "role"] as const) again[part].set(frames[part]);
    for (let seat = 0; seat < frames.seats; seat++) again.options[seat] = frames.options[seat];
    this.#trapped("think", () => {
      this.#think(this.#world, frames);
      this.#think(loaded, again);
    });
    const differing = frames.values.findIndex((value, at) => value !== again.values[at]);
    if (differing >= 0)
      this.#fail(
        `think for seat ${Math.trunc(differing / frames.width)}`,
        "two bots in the same world wrote different frames",
        "compute the frame from the world, the seat and the tick only: use noise instead of Math.random",
      );
    frames.commands = again.commands = this.#commands();
    const facts = this.#trapped("step", () => {
      const { words, length } = this.#world.step(frames);
      return words.slice(0, length).join();
    });
    const isChanged =
      frames.values.some((value, at) => value !== again.values[at]) ||
      frames.options.some((options, seat) => options !== again.options[seat]);
    if (isChanged)
      this.#fail("step", "it changed the frames", "copy what it changes, because frames are recorded after the step");
    const factsAgain = this.#trapped("step", () => {
      const { words, length } = loaded.step(again);
      return words.slice(0, length).join();
    });
    const worlds =
      this.#tick - this.#loadedAt > 1
        ? `the world and its copy, loaded at tick ${this.#loadedAt},`
        : "two steps from the same world";
    this.#compare(loaded, "step", `${worlds} with the same frames differ`);
    if (facts !== factsAgain) this.#fail("step", `${worlds} wrote different facts`, REMEDY);
  }

  #load(): GameWorld {
    const loaded = this.#trapped("load", () =>
      GameWorld.load(this.#game, this.#game.rules, this.#mode, this.#world.save()),
    );
    this.#loadedAt = this.#tick;
    this.#compare(loaded, "load", "a loaded world differs from the saved one");
    return loaded;
  }

  #commands(): Frames["commands"] {
    return sampleCommands(this.#game.commands ?? {}, this.#frames.seats, this.status.tick);
  }

  #think(world: GameWorld, frames: Frames): void {
    for (let seat = 0; seat < frames.seats; seat++) if (frames.holder[seat] === BOT) world.think(seat, frames);
  }

  #compare(other: GameWorld, place: string, what: string): void {
    const world = this.#world;
    const saves = this.#trapped("save", () => [world.save().slice(), world.save().slice(), other.save().slice()]);
    const hashes = this.#trapped("hash", () => [world.hash(), world.hash(), other.hash()]);
    const [first, again, others] = saves.map((bytes) => Buffer.from(bytes));
    if (!first.equals(again)) this.#fail("save", "it returned different bytes for the same world", REMEDY);
    if (hashes[0] !== hashes[1])
      this.#fail("hash", `it returned ${hashes[0]} and ${hashes[1]} for the same world`, REMEDY);
    if (!first.equals(others))
      this.#fail(place, `${what} in ${differenceOf(world.world, other.world, first, others)}`, REMEDY);
    if (hashes[0] !== hashes[2])
      this.#fail(
        "hash",
        `it returned ${hashes[0]} and ${hashes[2]} for two worlds that save returns the same bytes for`,
        "hash exactly what save returns",
      );
  }

  /** Calls the game with traps, and names a trapped call also if the game caught its error. */
  #trapped<T>(place: string, act: () => T): T {
    return withTraps(act, (call, error) => {
      if (error === undefined) return this.#fault(place, call.problem);
      if (!(error instanceof GameFault)) return error;
      const { problem } = error.cause instanceof ForbiddenCall ? error.cause : call;
      return new NotDeterministic(this.#game.name, error.place, problem, error);
    });
  }

  #fail(place: string, what: string, remedy: string): never {
    throw this.#fault(place, { what, remedy });
  }

  #fault(place: string, problem: Problem): NotDeterministic {
    return new NotDeterministic(this.#game.name, `${place} at tick ${this.#tick}`, problem);
  }

  get #tick(): number {
    return this.#world === undefined ? 0 : this.#world.status.tick;
  }
}
