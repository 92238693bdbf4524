/**
 * The seam: all that a game must say of itself so that rooms, bots, outbox, sinks, replay, learning and load tests can
 * run it. Nothing outside a game's own folder knows more of it than this.
 */
import type { Schema } from "@colyseus/schema";
import type { GameEvent } from "./events.ts";
import type { Facts } from "./Facts.ts";
import type { Frames, InputField } from "./Frames.ts";

/** Constants of a game as plain data: JSON-serialisable, times in milliseconds, recorded with every match. */
export interface GameRules {
  /** Changes whenever the same frames would step to another hash. */
  readonly version: string;
}

export interface GameMode {
  /** Team of each seat; its length is the number of seats. Where everyone stands alone, the seat's own number. */
  readonly teams: readonly number[];
  /** How long a match waits for people before bots take the empty seats, in ms. */
  readonly waitMs: number;
  /** What becomes of the match when a person leaves it for good while it is played. */
  readonly onLeave: "bot" | "end";
  /**
   * How many of each role, by its number, the ranked queue puts into one team at most, 1 or more; where left out, any mix.
   * Only wishes count: whoever names no role is in nobody's way.
   */
  readonly roleMax?: readonly number[];
}

export type MatchPhase = "waiting" | "countdown" | "playing" | "ended";

/** Reasons that a world can end itself for; a room adds `abandoned` (no people left) and `aborted` (it failed). */
export type EndReason = "score" | "time" | "eliminated" | "abandoned";

/** What a world is made from. The same setup and frames give the same bits on every engine. */
export interface MatchSetup {
  readonly mode: string;
  readonly map: string;
  /** Steps per second. */
  readonly tickRate: number;
  /** 32 hex digits. */
  readonly seed: string;
  /** One entry per seat, in seat order. Nobody holds a seat before frames say so. */
  readonly roster: readonly { readonly seat: number; readonly team: number; readonly role: number }[];
}

/** What the room asks of a world after each step; the game reuses one object per world. */
export interface MatchStatus {
  tick: number;
  phase: MatchPhase;
  /** Tick at which the phase ends if nothing else does; 0 while unknown. */
  endsAtTick: number;
  /** Set once the phase is `ended`. */
  endReason: EndReason | null;
}

export interface Standing {
  readonly seat: number;
  readonly team: number;
  /** 1 is best; equal places are a draw. */
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

/** Fields that the platform writes into every player's synced state; the game's own state adds to them. */
export interface PlayerStateShape {
  playerId: string;
  name: string;
  team: number;
  role: number;
  bot: boolean;
}

/** Fields that the platform writes into every match's synced state; the game's own state adds to them. */
export interface MatchStateShape {
  tick: number;
  phase: string;
  mode: string;
  matchId: string;
  rulesVersion: string;
  endsAtTick: number;
}

/** An entry of the waiting pool, as the pairing score sees it. */
export interface WaitingPlayer {
  readonly rating: number;
  readonly role: number;
  readonly waitMs: number;
}

/**
 * A game. `W` is its world, opaque to everyone else; `S` and `P` are its synced match and player states.
 * Every function on worlds is deterministic: no clock, no `Math.random`, no transcendental maths, integers only.
 */
export interface Game<
  W = any,
  R extends GameRules = any,
  S extends Schema & MatchStateShape = any,
  P extends Schema & PlayerStateShape = any,
> {
  /** Room name, and `game` in every event. */
  readonly name: string;
  readonly rules: R;
  /** Role names; their positions are the role numbers. */
  readonly roles: readonly string[];
  readonly maps: readonly [string, ...string[]];
  readonly modes: Readonly<Record<string, GameMode>>;

  /** Schema class of a client's frame, and its numeric fields in the order of a row of `Frames`. */
  readonly Input: new () => Schema;
  readonly inputFields: readonly InputField[];

  readonly State: new () => S;
  readonly PlayerState: new () => P;
  /** The map of a state that holds its players, by session id. */
  players(state: S): Map<string, P> & { get(key: string): P | undefined };

  /** Event declarations; their order gives the kinds of facts. */
  readonly events: Readonly<Record<string, GameEvent>>;

  createWorld(rules: R, setup: MatchSetup): W;
  /**
   * Advances the world by one tick and returns its facts (the world's own buffer, valid until the next step).
   * `frames` is only read. Allocates nothing in the steady state.
   */
  step(world: W, frames: Frames): Facts;
  /** The whole world as bytes; `load` restores it exactly, and throws on bytes that `save` did not write. */
  save(world: W): Uint8Array;
  load(rules: R, bytes: Uint8Array): W;
  /** 64-bit hash of the world, 16 hex digits. */
  hash(world: W): string;

  status(world: W): MatchStatus;
  result(world: W): MatchResult;

  /**
   * Writes what clients see into the synced state. `playersBySeat[seat]` is that seat's entry, null where nobody
   * sits. The platform itself writes `matchId`, `rulesVersion`, `mode`, and each player's id, name and `bot`.
   */
  project(world: W, state: S, playersBySeat: readonly (P | null)[]): void;
  /** Whether `seat` may see `other` now; a game in which all see all answers true. */
  sees(world: W, seat: number, other: number): boolean;

  /** Name and version of the bots, as they stand in recordings. */
  readonly botId: string;
  /** Writes the frame of a bot's seat into `frames`; its own randomness comes from the world's seed, seat and tick. */
  think(world: W, seat: number, frames: Frames): void;

  /** Integers that `observe` writes for one seat. */
  readonly observationLength: number;
  /** What a learner sees from `seat`, into `out` (`observationLength` integers). */
  observe(world: W, seat: number, out: Int32Array): void;
  /** Reward of `seat` for the last step. */
  reward(world: W, seat: number): number;

  /** Cost of pairing two waiting players, lower is better; null forbids it. Symmetric. */
  pairingScore(a: WaitingPlayer, b: WaitingPlayer): number | null;
}

/** Checks a game's declaration and returns it. Throws with the name of what is wrong. */
export function defineGame<
  W,
  R extends GameRules,
  S extends Schema & MatchStateShape,
  P extends Schema & PlayerStateShape,
>(game: Game<W, R, S, P>): Game<W, R, S, P> {
  if (!/^[a-z][a-z0-9_]*$/.test(game.name))
    throw new Error(`game name ${JSON.stringify(game.name)} must match [a-z][a-z0-9_]*`);
  if (game.roles.length === 0 || game.roles.length > 255)
    throw new Error(`${game.name}: 1 to 255 roles, not ${game.roles.length}`);
  for (const [mode, { teams, roleMax }] of Object.entries(game.modes)) {
    if (teams.length < 1 || teams.length > 255)
      throw new Error(`${game.name}: mode ${mode} has ${teams.length} seats, allowed are 1 to 255`);
    if (roleMax !== undefined && roleMax.length !== game.roles.length)
      throw new Error(`${game.name}: mode ${mode} has roleMax for ${roleMax.length} of ${game.roles.length} roles`);
    if (roleMax?.some((count) => !Number.isInteger(count) || count < 1))
      throw new Error(`${game.name}: mode ${mode} has a bad roleMax [${roleMax}], allowed are whole numbers from 1`);
  }
  for (const [event, { topic, shed }] of Object.entries(game.events)) {
    if (!/^[a-z][a-z0-9_]*$/.test(topic))
      throw new Error(`${game.name}: event ${event} has a bad topic ${JSON.stringify(topic)}`);
    if (topic === "match" && shed !== "never")
      throw new Error(`${game.name}: event ${event} goes to logs_match and may not be shed`);
  }
  return game;
}
