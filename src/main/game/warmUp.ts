/**
 * Plays a few ticks of every mode on each of its maps with bots, and discards them, before any player joins. This finds a game whose
 * matches cannot be played again, because it computes steps or hashes from more than the world and its frames. And some work is
 * done only once: the rules compute what they keep (such as paths around walls), and the JavaScript engine compiles the code.
 * Without the warm-up, this work would delay the first ticks of a match.
 */
import type { Logger } from "pino";
import type { Game, MatchSetup } from "../../game/Game.ts";
import { describeThrown, GameFault } from "../../game/GameFault.ts";
import { mapsOf } from "../../game/maps.ts";
import { placeInStack } from "../../game/placeInStack.ts";
import { NotDeterministic, TwiceSteppedWorld } from "../../game/TwiceSteppedWorld.ts";
import { removeTraps } from "../../game/trapNondeterminism.ts";
import { DidNotReturn, returnsWithin } from "../../platform/async/returnsWithin.ts";
import { STEP_LIMIT_MS } from "../watchdog/messages.ts";

/** Code of a game that does not return. */
class Endless extends GameFault {}

/** So many first ticks, and so many first ticks of the phase `playing`, are computed twice. */
const TWICE_TICKS = 20;
/** A mode with a longer countdown is not warmed up. */
const TICKS_MAX = 1000;

/**
 * Throws a `GameFault` if a world cannot be created, if a game is not deterministic, or if a step does not return. Other mistakes are only logged, because
 * each ends its match with a line of its own.
 */
export function warmUpAll(games: readonly Game[], tickRate: number, log: Logger): void {
  for (const game of games)
    for (const mode of Object.keys(game.modes))
      for (const map of mapsOf(game, mode)) warmUp(game, { mode, map, tickRate }, log);
}

function warmUp(game: Game, match: Pick<MatchSetup, "mode" | "map" | "tickRate">, log: Logger): void {
  const roster = game.modes[match.mode].teams.map((team, seat) => ({ seat, team, role: 0 }));
  const setup: MatchSetup = { ...match, seed: "0".repeat(32), roster };
  try {
    play(
      inTime(game, `createWorld for mode ${match.mode} and map ${match.map}`, () => new TwiceSteppedWorld(game, setup)),
      game,
    );
  } catch (err) {
    if (!(err instanceof GameFault) || err instanceof NotDeterministic || err instanceof Endless) throw err;
    if (err.place.startsWith("createWorld")) throw withLine(err);
    log.warn({ err, game: game.name }, "warm-up failed; matches of this game will probably fail too");
  }
}

/** The one line of a refused start shows no stack trace, so it names the line of the game that threw. */
function withLine(fault: GameFault): GameFault {
  const { game, place, cause } = fault;
  if (cause === undefined) return fault;
  const at = placeInStack(cause);
  const what = `threw ${describeThrown(cause)}${at === null ? "" : ` (${at})`}, expected a world`;
  return new GameFault(game, place, { what, remedy: "let it create a world for each mode on each of its maps" }, cause);
}

function play(world: TwiceSteppedWorld, game: Game): void {
  for (let tick = 0, played = 0; tick < TICKS_MAX && played < TWICE_TICKS; tick++) {
    const isTwice = tick < TWICE_TICKS || world.status.phase === "playing";
    inTime(game, `step at tick ${tick + 1}`, () => (isTwice ? world.stepTwice() : world.step()));
    if (world.status.phase === "playing") played++;
    if (world.status.phase === "ended") break;
  }
}

/** Throws `Endless` if the game's code does not return in time. */
function inTime<T>(game: Game, place: string, act: () => T): T {
  try {
    return returnsWithin(STEP_LIMIT_MS, act);
  } catch (error) {
    if (!(error instanceof DidNotReturn)) throw error;
    removeTraps();
    throw new Endless(game.name, place, {
      what: `${error.message}, expected that it returns within a tick`,
      remedy: "correct the loop that does not end",
    });
  }
}
