/**
 * The interface between the platform and a game. A game declares here everything that rooms, bots, outbox, sinks, replay, machine
 * learning and load tests need. Code outside a game's own folder knows nothing else about the game.
 */
import type { Schema } from "@colyseus/schema";
import type { ClientFields, GameCommands } from "./commands.ts";
import type { Emit, GameEvents } from "./emit.ts";
import type { EndReason } from "./endReasons.ts";
import type { Frames, InputField } from "./Frames.ts";
import type { LoadBots } from "./LoadBots.ts";
import type { GameMessages } from "./messages.ts";
import type { DebugView } from "./world/DebugView.ts";

export type { EndReason } from "./endReasons.ts";

/** Constants of a game as plain data: JSON-serialisable, times in milliseconds, recorded with every match. */
export interface GameRules {
  /**
   * Must be raised with every change after which the same frames lead to a different hash. Up to 4 numbers separated by dots, such
   * as `1` or `1.4.2`.
   */
  readonly version: string;
}

export interface GameMode {
  /** Team of each seat; the length is the number of seats. In a free-for-all mode each seat is its own team. */
  readonly teams: readonly number[];
  /** The maps of this mode, some of those of the game; all of them if omitted. The seed of a match chooses one. */
  readonly maps?: readonly [string, ...string[]];
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
  /**
   * Who may watch a running match without a seat, by its room id; `invited` if omitted. A spectator sees the whole state, also what a
   * player should not know, and can tell it to a player. `invited`: private matches only, whose room id is a code that the players
   * pass on. `anyone`: all matches. `none`: no match.
   */
  readonly spectators?: "anyone" | "invited" | "none";
}

/** Default of `ratedMinMs`. */
export const RATED_MIN_MS = 30_000;

export const MATCH_PHASES = ["waiting", "countdown", "playing", "ended"] as const;
export type MatchPhase = (typeof MATCH_PHASES)[number];

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
  /** Number of steps so far. Each step counts, also in the phase `waiting`. */
  tick: number;
  phase: MatchPhase;
  /** Tick at which the phase ends at the latest; 0 while unknown. */
  endsAtTick: number;
  /** Null until the phase is `ended`. */
  endReason: EndReason | null;
}

/** Whole numbers of at most 32 bits; `kills` and `deaths` are not negative. */
export interface Standing {
  readonly seat: number;
  /** The team that the mode gives to the seat. */
  readonly team: number;
  /** Final rank, from 1 (best) to the number of seats. Seats with the same rank drew; at least one has rank 1. */
  readonly place: number;
  readonly score: number;
  readonly kills: number;
  readonly deaths: number;
}

export interface MatchResult {
  /** One for each seat, in seat order. */
  readonly standings: readonly Standing[];
  /** One for each team, in the order of team numbers: whole numbers of at most 32 bits. */
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
 * A game. `W` is its world, an object that is opaque to the platform; `S` and `P` are its synced match and player states, `E` its
 * event declarations, `C` its commands and `O` its join options.
 *
 * Every function on worlds must be deterministic: integers only, no clock, no `Math.random`, no transcendental maths. It must
 * also be synchronous. A room checks what each function returns (`GameWorld.ts`): a function that throws, returns a promise or
 * returns something else than declared here ends its match, with one log line that names the place and the remedy.
 */
export interface Game<
  W = any,
  R extends GameRules = any,
  S extends Schema & MatchStateShape = any,
  P extends Schema & PlayerStateShape = any,
  E extends GameEvents = GameEvents,
  C extends GameCommands = any,
  O extends ClientFields = any,
> {
  /** Name of the room type, and the field `game` of every event. */
  readonly name: string;
  readonly rules: R;
  /** Role names; their positions are the role indices. */
  readonly roles: readonly string[];
  readonly maps: readonly [string, ...string[]];
  readonly modes: Readonly<Record<string, GameMode>>;
  /** Reasons of the game's own for which a match ends, besides `END_REASONS`: lower-case letters, digits and `_`. */
  readonly endReasons?: readonly string[];

  /** Schema class of a client's input frame, and the numeric fields of this class in the order of a row of `Frames`. */
  readonly Input: new () => Schema;
  readonly inputFields: readonly InputField[];

  readonly State: new () => S;
  readonly PlayerState: new () => P;
  /** The map in the state that holds the players by session id. */
  players(state: S): Map<string, P> & { get(key: string): P | undefined };

  /** Event declarations. The position of an event is the kind of its facts. */
  readonly events: E;

  /**
   * Creates a world at tick 0. It keeps `emit`, with which its steps write facts: `emit.flag({ player, did: "taken", x, y })`
   * (`emit.ts`).
   */
  createWorld(rules: R, setup: MatchSetup, emit: Emit<E>): W;
  /**
   * Advances the world by one tick, and returns nothing. Must not change `frames`, and should allocate nothing in the steady state
   * except facts.
   */
  step(world: W, frames: Frames<C, O>): void;
  /** The whole world as bytes. `load` restores it exactly, and throws on bytes that `save` did not write. */
  save(world: W): Uint8Array;
  load(rules: R, bytes: Uint8Array, emit: Emit<E>): W;
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

  /** How the bots of `npm run loadtest` play. If omitted, they send random input. */
  readonly loadBots?: LoadBots<S>;
  /**
   * What players send to each other outside the simulation, by name: `chat: { fields: { text: text(200) }, to: "all" }`. A step never
   * sees it, and it is not recorded.
   */
  readonly messages?: GameMessages;
  /**
   * Messages that players send beside their frames, by name: `build: { fields: { x: int(0, 99), what: name(["tower", "wall"]) } }`.
   * The step after their arrival finds them in `frames.commands`. They are recorded, and never dropped once accepted. Bots send none.
   */
  readonly commands?: C;
  /**
   * What a player chooses at the join, such as a loadout or a skin: `int` and `name` fields, each with a `.default(value)`, which
   * bots have. The step finds the options of a seat's holder in `frames.options[seat]`.
   */
  readonly joinOptions?: O;

  /** A copy of the world to read, with fields by name. Games with a declared world have it. */
  debugView?(world: W): DebugView;
}
