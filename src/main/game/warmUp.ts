/**
 * Owns the first ticks of a process: a few of every mode on every map, played by bots and thrown away before anybody joins. What
 * rules make once and keep, as ways around walls, and what the engine compiles, is then no part of a player's first tick.
 */
import { BOT, Frames } from "../../game/Frames.ts";
import type { Game } from "../../game/Game.ts";

const PLAYED_TICKS = 20;
/** Where the countdown is longer, the match is left cold. */
const TICKS_MAX = 1000;

/** Throws what the rules throw. */
export function warmUp(game: Game, tickRate: number): void {
  const { rules, maps, modes, inputFields } = game;
  for (const map of maps) {
    for (const [mode, { teams }] of Object.entries(modes)) {
      const roster = teams.map((team, seat) => ({ seat, team, role: 0 }));
      const world = game.createWorld(rules, { mode, map, tickRate, seed: "0".repeat(32), roster });
      const frames = new Frames(teams.length, inputFields.length);
      frames.holder.fill(BOT);
      for (let tick = 0, played = 0; tick < TICKS_MAX && played < PLAYED_TICKS; tick++) {
        for (let seat = 0; seat < teams.length; seat++) game.think(world, seat, frames);
        game.step(world, frames);
        if (game.status(world).phase === "playing") played++;
      }
      game.hash(world);
    }
  }
}
