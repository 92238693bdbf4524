/**
 * The interface between the platform and a game. A game declares here everything that rooms, bots, outbox, sinks, replay, machine
 * learning and load tests need. Code outside a game's own folder knows nothing else about the game.
 */
import type { Schema } from "@colyseus/schema";
import { type GameEvent, problemsOf } from "./events.ts";
import type { Facts } from "./Facts.ts";
import type { Frames, InputField } from "./Frames.ts";

/** Constants of a game as plain data: JSON-serialisable, times in milliseconds, recorded with every match. */
export interface GameRules {
  /** Must be raised with every change after which the same frames lead to a different hash. */
  readonly version: string;
}

export interface GameMode {
  /** Team of each seat; the length is the number of seats. In a free-for-all mode each seat is its own team. */
  readonly teams: readonly number[];
  /** How long a match waits for players before bots take the empty seats, in ms. */
  readonly waitMs: number;
  /**
   * How long a rated match must be played to count, in ms; `RATED_MIN_MS` if omitted. A shorter match counts only for players who
   * left.
   */
  readonly ratedMinMs?: number;
  /** What happens when a player leaves a running match for good: a bot takes the seat, or the match ends. */
  readonly onLeave: "bot" | "end";
  /**
   * Maximum number of players of each role (by role index) in one team of a ranked match; at least 1 each. If omitted, any mix is
   * permitted. Only requested roles count; a player who requests no role fits everywhere.
   */
  readonly roleMax?: readonly number[];
}

/** Default of `ratedMinMs`. */
export const RATED_MIN_MS = 30_000;

export type MatchPhase = "waiting" | "countdown" | "playing" | "ended";

/** Why a world ended. A room also ends a match as `abandoned` (no players left) or `aborted` (it failed). */
export type EndReason = "score" | "time" | "eliminated" | "abandoned";

/** The initial conditions of a world. The same setup and frames give the same bits on every engine. */
export interface MatchSetup {
  readonly mode: string;
  readonly map: string;
  /** Steps per second. */
  readonly tickRate: number;
  /** 32 hex digits. */
  readonly seed: string;
  /** One entry per seat, in seat order. Seats are empty until frames name a holder. */
  readonly roster: readonly { readonly seat: number; readonly team: number; readonly role: number }[];
}

/** State of a match that the room reads after each step. The game reuses one object per world. */
export interface MatchStatus {
  tick: number;
  phase: MatchPhase;
  /** Tick at which the phase ends at the latest; 0 while unknown. */
  endsAtTick: number;
  /** Null until the phase is `ended`. */
  endReason: EndReason | null;
}

export interface Standing {
  readonly seat: number;
  readonly team: number;
  /** Final rank; 1 is best. Seats with the same rank drew. */
  readonly place: number;
  readonly score: number;
  readonly kills: number;
  readonly deaths: number;
}

export interface MatchResult {
  /** In seat order. */
  readonly standings: readonly Standing[];
  readonly teamScores: readonly number[];
}

/** Fields of a player's synced state that the platform writes. The game adds its own. */
export interface PlayerStateShape {
  playerId: string;
  name: string;
  team: number;
  role: number;
  bot: boolean;
}

/** Fields of a match's synced state that the platform writes. The game adds its own. */
export interface MatchStateShape {
  tick: number;
  phase: string;
  mode: string;
  matchId: string;
  rulesVersion: string;
  endsAtTick: number;
}

/** A player who waits for a match, as `pairingScore` receives them. */
export interface WaitingPlayer {
  readonly rating: number;
  readonly role: number;
  readonly waitMs: number;
}

/**
 * A game. `W` is its world, opaque to the platform; `S` and `P` are its synced match and player states.
 * Every function on worlds must be deterministic: integers only, no clock, no `Math.random`, no transcendental maths.
 */
export interface Game<
  W = any,
  R extends GameRules = any,
  S extends Schema & MatchStateShape = any,
  P extends Schema & PlayerStateShape = any,
> {
  /** Name of the room type, and the field `game` of every event. */
  readonly name: string;
  readonly rules: R;
  /** Role names; their positions are the role indices. */
  readonly roles: readonly string[];
  readonly maps: readonly [string, ...string[]];
  readonly modes: Readonly<Record<string, GameMode>>;

  /** Schema class of a client's input frame, and the numeric fields of this class in the order of a row of `Frames`. */
  readonly Input: new () => Schema;
  readonly inputFields: readonly InputField[];

  readonly State: new () => S;
  readonly PlayerState: new () => P;
  /** The map in the state that holds the players by session id. */
  players(state: S): Map<string, P> & { get(key: string): P | undefined };

  /** Event declarations. The position of an event is the kind of its facts. */
  readonly events: Readonly<Record<string, GameEvent>>;

  createWorld(rules: R, setup: MatchSetup): W;
  /**
   * Advances the world by one tick and returns its facts, in a buffer that the next step overwrites.
   * Must not change `frames`, and should allocate nothing in the steady state.
   */
  step(world: W, frames: Frames): Facts;
  /** The whole world as bytes. `load` restores it exactly, and throws on bytes that `save` did not write. */
  save(world: W): Uint8Array;
  load(rules: R, bytes: Uint8Array): W;
  /** 64-bit hash of the world, 16 hex digits. */
  hash(world: W): string;

  status(world: W): MatchStatus;
  result(world: W): MatchResult;

  /**
   * Writes the world into the synced state that clients receive. `playersBySeat[seat]` is the player entry of the seat, null if
   * the seat is empty. The platform writes `matchId`, `rulesVersion`, `mode`, and each player's id, name and `bot`.
   */
  project(world: W, state: S, playersBySeat: readonly (P | null)[]): void;
  /**
   * Whether the player in `seat` may receive the state of the player in `other` now. Both are seat numbers. Always true in a game
   * where all players see each other. Reserved for interest management: nothing calls it yet.
   */
  sees(world: W, seat: number, other: number): boolean;

  /** Name and version of the bots, as written into recordings. */
  readonly botId: string;
  /**
   * Writes the frame of the bot in `seat` into `frames`. Its randomness must be a function of the seed, the seat and the tick.
   */
  think(world: W, seat: number, frames: Frames): void;

  /** Number of integers that `observe` writes. */
  readonly observationLength: number;
  /** Writes the observation of `seat` for machine learning into `out` (`observationLength` integers). */
  observe(world: W, seat: number, out: Int32Array): void;
  /** Reward of `seat` for the latest step. */
  reward(world: W, seat: number): number;

  /** Returns the cost of pairing two waiting players: lower is better, null forbids the pair. Must be symmetric. */
  pairingScore(a: WaitingPlayer, b: WaitingPlayer): number | null;
}

/** Checks the declaration of a game and returns it. Throws an error that names the invalid field. */
export function defineGame<
  W,
  R extends GameRules,
  S extends Schema & MatchStateShape,
  P extends Schema & PlayerStateShape,
>(game: Game<W, R, S, P>): Game<W, R, S, P> {
  if (!/^[a-z][a-z0-9_]*$/.test(game.name))
    throw new Error(`invalid game name ${JSON.stringify(game.name)}: expected [a-z][a-z0-9_]*`);
  if (game.roles.length === 0 || game.roles.length > 255)
    throw new Error(`${game.name}: invalid number of roles ${game.roles.length}: expected 1 to 255`);
  for (const [mode, { teams, roleMax, ratedMinMs = RATED_MIN_MS }] of Object.entries(game.modes)) {
    if (!Number.isInteger(ratedMinMs) || ratedMinMs < 0)
      throw new Error(
        `${game.name}: mode ${mode} has an invalid ratedMinMs ${ratedMinMs}: expected a whole number from 0`,
      );
    if (teams.length < 1 || teams.length > 255)
      throw new Error(`${game.name}: mode ${mode} has ${teams.length} seats: expected 1 to 255`);
    if (roleMax !== undefined && roleMax.length !== game.roles.length)
      throw new Error(
        `${game.name}: mode ${mode} has ${roleMax.length} entries in roleMax: expected one for each of the ${game.roles.length} roles`,
      );
    if (roleMax?.some((count) => !Number.isInteger(count) || count < 1))
      throw new Error(`${game.name}: mode ${mode} has an invalid roleMax [${roleMax}]: expected whole numbers from 1`);
  }
  for (const { name, min, max, default: added = min } of game.inputFields) {
    if (added < min || added > max)
      throw new Error(`${game.name}: input field ${name} has the default ${added}: expected ${min} to ${max}`);
  }
  for (const [event, declaration] of Object.entries(game.events)) {
    const { topic, shed } = declaration;
    if (!/^[a-z][a-z0-9_]*$/.test(topic))
      throw new Error(
        `${game.name}: event ${event} has an invalid topic ${JSON.stringify(topic)}: expected [a-z][a-z0-9_]*`,
      );
    if (topic === "match" && shed !== "never")
      throw new Error(`${game.name}: event ${event}: events of the topic match are never shed: set shed to "never"`);
    const [problem] = problemsOf(declaration);
    if (problem !== undefined) throw new Error(`${game.name}: event ${event}: ${problem}`);
  }
  return game;
}
