/**
 * Plays a few ticks of every mode on every map with bots, and discards them, before any player joins. Some work is done only
 * once: the rules compute what they keep (such as paths around walls), and the JavaScript engine compiles the code. Without the
 * warm-up, this work would delay the first ticks of a match.
 */
import type { Logger } from "pino";
import { BOT, Frames } from "../../game/Frames.ts";
import type { Game } from "../../game/Game.ts";
import { GameWorld } from "../../game/GameWorld.ts";

const PLAYED_TICKS = 20;
/** A mode with a longer countdown is not warmed up. */
const TICKS_MAX = 1000;

/** Throws a `GameFault` at the first mistake of the game. */
function warmUp(game: Game, tickRate: number): void {
  const { rules, maps, modes, inputFields } = game;
  for (const map of maps) {
    for (const [mode, { teams }] of Object.entries(modes)) {
      const roster = teams.map((team, seat) => ({ seat, team, role: 0 }));
      const world = GameWorld.create(game, rules, { mode, map, tickRate, seed: "0".repeat(32), roster });
      const frames = new Frames(teams.length, inputFields.length);
      frames.holder.fill(BOT);
      for (let tick = 0, played = 0; tick < TICKS_MAX && played < PLAYED_TICKS; tick++) {
        for (let seat = 0; seat < teams.length; seat++) world.think(seat, frames);
        world.step(frames);
        if (world.status.phase === "playing") played++;
        if (world.status.phase === "ended") break;
      }
      world.hash();
    }
  }
}

/**
 * If a game's rules throw here, only the warm-up is lost. Its matches fail later, each with a log line that names it.
 */
export function warmUpAll(games: readonly Game[], tickRate: number, log: Logger): void {
  for (const game of games) {
    try {
      warmUp(game, tickRate);
    } catch (err) {
      log.warn({ err, game: game.name }, "warm-up failed; matches of this game will probably fail too");
    }
  }
}
