/**
 * Runs `moderate` of the games: with a time limit, and with a check of what it returns. A hook that fails is logged, without the message
 * that it was given.
 */
import type { Logger } from "pino";
import type { GameBackend } from "../../game/Backend.ts";
import type { Game } from "../../game/Game.ts";
import { describeThrown, describeValue } from "../../game/GameFault.ts";
import type { Moderate, Moderator, PlayerMessage, Verdict } from "../../game/messages.ts";
import type { PlayerValues } from "../../game/PlayerValues.ts";
import { messageReader } from "../../game/readMessage.ts";
import { within } from "../../platform/async/waiting.ts";
import { onceAMinute } from "../../platform/logging/onceAMinute.ts";
import { playerValuesOf } from "../../players/database/playerValues.ts";
import type { Stores } from "../pipeline/openStores.ts";

const MODERATE_WITHIN_MS = 3000;
const REFUSAL_LENGTH_MAX = 200;

interface ModeratorsOptions {
  readonly games: readonly Game[];
  readonly backends: readonly GameBackend[];
  /** The values of a game. */
  readonly storeOf: (game: string) => PlayerValues;
  readonly log: Logger;
  readonly withinMs?: number;
}

/** Returns the moderators of the games that have one, by name of the game. */
export function moderatorsOf(options: ModeratorsOptions): ReadonlyMap<string, Moderator> {
  const { games, backends, storeOf, log, withinMs = MODERATE_WITHIN_MS } = options;
  const quiet = onceAMinute(log);
  const moderators = new Map<string, Moderator>();
  for (const { game: name, moderate } of backends) {
    const game = games.find((other) => other.name === name);
    if (moderate === undefined || game === undefined) continue;
    const judge = judgeOf(game, moderate, storeOf(name), withinMs);
    moderators.set(name, async (message, sender) => {
      try {
        return await judge(message, sender);
      } catch (error) {
        quiet.warn(
          { game: name, message: message.name, matchId: sender.matchId, error: describeThrown(error) },
          "moderate failed; the message was dropped",
        );
        return null;
      }
    });
  }
  return moderators;
}

/** Without a database, every call rejects. */
export function playerValuesIn(stores: Pick<Stores, "operational"> | null, game: string): PlayerValues {
  if (stores !== null) return playerValuesOf(stores.operational, game);
  const refuse = () => Promise.reject(new Error("this process has no database, so there are no values of players"));
  return { get: refuse, list: refuse, set: refuse, delete: refuse };
}

function judgeOf(game: Game, moderate: Moderate, store: PlayerValues, withinMs: number) {
  const readers = new Map(Object.entries(game.messages ?? {}).map(([name, one]) => [name, messageReader(one)]));
  return async (message: PlayerMessage, sender: Parameters<Moderator>[1]): Promise<Verdict> => {
    const signal = AbortSignal.timeout(withinMs);
    const work = (async () => moderate(message, { ...sender, store, signal }))();
    const verdict: unknown = await within(withinMs, work, `it has not answered within ${withinMs / 1000} s`);
    if (typeof verdict !== "object" || verdict === null || "send" in verdict === "refuse" in verdict)
      throw new Error(`it returned ${describeValue(verdict)}: expected { send: fields } or { refuse: reason }`);
    if ("refuse" in verdict) {
      if (typeof verdict.refuse !== "string" || verdict.refuse.length > REFUSAL_LENGTH_MAX)
        throw new Error(`its reason to refuse is not a text of at most ${REFUSAL_LENGTH_MAX} characters`);
      return { refuse: verdict.refuse };
    }
    const reading = readers.get(message.name)!((verdict as { send: unknown }).send);
    if ("fields" in reading) return { send: reading.fields };
    const problem = "malformed" in reading ? reading.malformed : reading.badText;
    throw new Error(`what it returned to send does not fit the declaration: ${message.name}, ${problem}`);
  };
}
