/**
 * What a game does outside the tick, beside its `defineGame`: a module of GAMES exports `backends`, a list of results of `defineBackend`.
 * None of this runs in a step.
 */
import type { Game } from "./Game.ts";
import { type GameRoute, problemOfRoutes } from "./GameRoute.ts";
import type { Moderate } from "./messages.ts";
import type { JsonValue } from "./PlayerValues.ts";

/** The result of one seat of a match. */
export interface EndedSeat {
  readonly seat: number;
  /** Id of the player, or of the bot. */
  readonly player: string;
  readonly bot: boolean;
  readonly team: number;
  /** Final rank; 1 is best. Seats with the same rank drew. */
  readonly place: number;
  readonly score: number;
  readonly kills: number;
  readonly deaths: number;
  /** Whether the player left for good before the end. */
  readonly left: boolean;
}

/** A match whose result was recorded. */
export interface EndedMatchReport {
  /** UUIDv7: the same whenever the hook runs for this match. */
  readonly matchId: string;
  readonly game: string;
  readonly mode: string;
  readonly region: string;
  readonly rulesVersion: string;
  /** Null if an earlier version recorded the match. */
  readonly map: string | null;
  readonly source: "arena" | "queue" | "private";
  /** Whether the match was to change ratings. */
  readonly rated: boolean;
  readonly reason: string;
  readonly lastTick: number;
  readonly teamScores: readonly number[];
  readonly standings: readonly EndedSeat[];
  /** Unix ms. */
  readonly createdAt: number;
  readonly endedAt: number;
}

/**
 * The values of the players of one match. What a hook writes is stored after it has resolved, in one transaction with the fact that it
 * ran, so it takes effect exactly once. If a value that it has read or written was changed meanwhile, the hook runs again.
 */
export interface MatchPlayerValues {
  /** Null if the player has no such value. Contains what this run of the hook has written. */
  get(player: string, key: string): Promise<JsonValue | null>;
  /** Writes a value. Throws `PlayerValueError` for an invalid key or value, and an error for a player who is not in the match. */
  set(player: string, key: string, value: JsonValue): void;
  /** Deletes a value. */
  delete(player: string, key: string): void;
}

export interface EndedTools {
  readonly players: MatchPlayerValues;
}

/**
 * Runs after a result was recorded, at least once for each match that was started, in no particular order. If it rejects, or does not
 * resolve within 10 s, it runs again later. An effect other than writing values, such as a request to another service, must be made
 * idempotent with `match.matchId`.
 */
export type OnEnded = (match: EndedMatchReport, tools: EndedTools) => void | Promise<void>;

export interface BackendOptions {
  readonly onEnded?: OnEnded;
  /** The studio's own REST routes, results of `gameRoute`. */
  readonly routes?: readonly GameRoute[];
  /** Judges what players send to each other: each of the game's `messages`. Without it, every valid message is sent. */
  readonly moderate?: Moderate;
}

export interface GameBackend extends BackendOptions {
  /** Name of the game. */
  readonly game: string;
}

const OPTIONS: readonly string[] = ["onEnded", "routes", "moderate"] satisfies (keyof BackendOptions)[];

/** Declares what `game` does outside the tick. Throws an error that names the game, the option and the remedy. */
export function defineBackend(game: Pick<Game, "name" | "messages">, options: BackendOptions): GameBackend {
  const { name } = game;
  for (const option of Object.keys(options))
    if (!OPTIONS.includes(option))
      throw new Error(
        `${name}: the backend has an unknown option ${JSON.stringify(option)}: expected ${OPTIONS.join(", ")}`,
      );
  const { onEnded, routes = [], moderate } = options;
  if (onEnded !== undefined && typeof onEnded !== "function")
    throw new Error(`${name}: onEnded is not a function: expected onEnded(match, { players })`);
  if (moderate !== undefined && typeof moderate !== "function")
    throw new Error(`${name}: moderate is not a function: expected moderate(message, { player, matchId, store })`);
  if (moderate !== undefined && game.messages === undefined)
    throw new Error(`${name}: moderate has nothing to judge: expected messages in the declaration of the game`);
  const problem = problemOfRoutes(routes);
  if (problem !== null) throw new Error(`${name}: ${problem}`);
  return { ...options, game: name };
}
