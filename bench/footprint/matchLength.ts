import { arena } from "../../src/arena/game.ts";
import { BOT, Frames } from "../../src/game/Frames.ts";
import { ENDED } from "../../src/game/kit/clock.ts";
import { noFacts } from "../../src/game/noFacts.ts";

/**
 * Returns the lengths in ticks of matches that the arena's own bots play to the end, without a server and without a wait for
 * players.
 */
export function matchTicks(mode: string, tickRate: number, matches: number): number[] {
  return Array.from({ length: matches }, (_, number) => {
    const { teams, waitMs, timeLimitMs, countdownMs } = arena.rules.modes[mode];
    const roster = teams.map((team, seat) => ({ seat, team, role: seat % arena.roles.length }));
    const seed = number.toString(16).padStart(32, "0");
    const world = arena.createWorld(arena.rules, { mode, map: arena.maps[0], tickRate, seed, roster }, noFacts);
    const frames = new Frames(teams.length, arena.inputFields.length);
    frames.holder.fill(BOT);
    for (const { seat, role } of roster) frames.role[seat] = role;
    const ticksMax = ((waitMs + countdownMs + timeLimitMs) * tickRate) / 1000 + 100;
    for (let tick = 1; tick < ticksMax; tick++) {
      for (let seat = 0; seat < teams.length; seat++) arena.think(world, seat, frames);
      arena.step(world, frames);
      if (world.globals.phase === ENDED) return tick;
    }
    throw new Error(`the match with seed ${seed} did not end`);
  });
}
