/** The arena with shorter times, whose matches count at any length. */
import { arena } from "../../src/arena/game.ts";
import type { ArenaMode } from "../../src/arena/rules.ts";

export type Times = Pick<ArenaMode, "waitMs" | "countdownMs" | "timeLimitMs" | "scoreLimit" | "lives" | "ratedMinMs">;

/** Every mode with shorter times. `times` overrides those, and the limits of score and lives. */
export function quickArena(times: Partial<Times> = {}): typeof arena {
  const shorter = { waitMs: 300, countdownMs: 200, timeLimitMs: 2500, ratedMinMs: 0, ...times };
  const modes: Record<string, ArenaMode> = {};
  for (const [name, mode] of Object.entries(arena.rules.modes)) modes[name] = { ...mode, ...shorter };
  return { ...arena, modes, rules: { ...arena.rules, modes } };
}
