/**
 * What a game declares with `defineGame`, which completes it to a `Game`. There are two forms: `DeclaredGame` names the fields of
 * its world, and the platform keeps the world, its clock and what clients see of it; `OwnWorldGame` has a world of its own kind.
 */
import type { Schema } from "@colyseus/schema";
import type { Emit, GameEvents } from "../emit.ts";
import type { Frames } from "../Frames.ts";
import type { Game, GameMode, GameRules, MatchResult, MatchSetup, MatchStateShape, PlayerStateShape } from "../Game.ts";
import type { DeclaredWorld } from "../world/DeclaredWorld.ts";
import type { WorldDeclaration } from "../world/declaration.ts";
import type { InputDeclaration, SeatInput } from "./input.ts";
import type { GlobalFields, SeatFields } from "./platformFields.ts";

/** Members that have the same default in every game. See `defaults.ts`. */
type Common = "roles" | "maps" | "sees" | "botId" | "observationLength" | "observe" | "pairingScore";
/** Members for what clients see. A game that declares one of them declares all four. */
type Shown = "State" | "PlayerState" | "players" | "project";

/** A mode of a game whose clock the platform keeps. Its times are recorded with each match, as part of the rules. */
export interface TimedMode extends GameMode {
  /** Time to play, in ms. Then the match ends by `time`. */
  readonly playMs: number;
  /** Time between the last seat being taken and the first step, in ms; 3000 if omitted. */
  readonly countdownMs?: number;
  /** The match ends by `score` when a team has this many points. If omitted, it does not end by score. */
  readonly scoreLimit?: number;
}

type PartOf<D, K extends keyof WorldDeclaration> = K extends keyof D ? NonNullable<D[K]> : {};

/** The declaration `D` with the fields that the platform keeps in each world. */
export interface WithPlatformFields<D> {
  readonly globals: PartOf<D, "globals"> & GlobalFields;
  readonly seats: PartOf<D, "seats"> & SeatFields;
  readonly lists: PartOf<D, "lists">;
  readonly pools: PartOf<D, "pools">;
}

/**
 * The world of a declared game, for the types of functions outside `defineGame`:
 * `type World = GameWorldOf<typeof world, typeof rules, typeof events>`. Beside the declared fields it has those of
 * `platformFields.ts`.
 */
export type GameWorldOf<D, R extends GameRules = GameRules, E extends GameEvents = {}> = DeclaredWorld<
  WithPlatformFields<D>,
  R,
  Emit<E>
>;

/** Names of the declared fields of a world. */
export type FieldNames<D> = {
  [K in keyof WorldDeclaration]-?: keyof PartOf<D, K>;
}[keyof WorldDeclaration] &
  string;

/** A game that declares the fields of its world. `D` is the world, `I` the input. */
export interface DeclaredGame<
  R extends GameRules,
  D extends WorldDeclaration,
  I extends InputDeclaration,
  E extends GameEvents,
  W = GameWorldOf<D, R, E>,
> extends Partial<Pick<Game<W, R, any, any, E>, Common | Shown | "reward">> {
  readonly name: string;
  readonly rules: R;
  readonly modes: Readonly<Record<string, TimedMode>>;
  /** The fields of a client's input: `{ dx: axis, dy: axis, jump: button }`. */
  readonly input: I;
  /** The fields of the world. `seats.score`, `seats.kills` and `seats.deaths` are what the result is made of. */
  readonly world: D;
  /** Fields of the world that clients never receive: `["deck"]`. They receive all others, but nothing that the platform keeps. */
  readonly hidden?: readonly FieldNames<D>[];
  readonly events?: E;
  /** Fills a new world, in which all numbers are 0. The random generator is ready. */
  start?(world: W, setup: MatchSetup): void;
  /**
   * Advances a match that is being played by one tick: `inputs[seat].dx`. It is not called while players are awaited, in the
   * countdown and after the end.
   */
  step(world: W, inputs: readonly SeatInput<I>[], frames: Frames): void;
  /** Writes the input of the bot in `seat`. If omitted, bots move at random. Use `noise` with `world.globals.botKey`. */
  think?(world: W, seat: number, input: SeatInput<I>): void;
  /** Place of each seat, from 1. If omitted, teams are ranked by the sums of their scores; one that gave up is last. */
  places?(world: W): readonly number[];
  /** The result, if it is not made of `seats.score`. */
  result?(world: W): MatchResult;
}

/** A game with its own kind of world. Each member that is optional has a default. */
export type OwnWorldGame<
  W,
  R extends GameRules,
  S extends Schema & MatchStateShape,
  P extends Schema & PlayerStateShape,
  E extends GameEvents,
> = Omit<Game<W, R, S, P, E>, OwnWorldDefaults> &
  Partial<Pick<Game<W, R, S, P, E>, OwnWorldDefaults>> & {
    /** In place of `Input` and `inputFields`: `{ column: range(0, 6) }`. `frames.values` has them in this order. */
    readonly input?: InputDeclaration;
  };

type OwnWorldDefaults = Common | Shown | "Input" | "inputFields" | "events" | "think" | "reward";
