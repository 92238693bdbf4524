/** What the page takes from the rules of the game: the same constants, walls and movement as on the server. */
import { geometryOf, type MapGeometry } from "../src/arena/MapGeometry.ts";
import { type RoleRules, rules, TURN } from "../src/arena/rules.ts";
import { ticksIn } from "../src/game/kit/clock.ts";

export const RULES_VERSION = rules.version;

export const roleRules = (role: number): RoleRules => rules.roles[role] ?? rules.roles[0];

/** The walls of a running match. Throws for a map that this page does not know, because the page is older than the server. */
export const geometryFor = (map: string, mode: string): MapGeometry => geometryOf(map, mode, rules.bodyRadius);

export const radians = (aim: number): number => (aim / TURN) * 2 * Math.PI;

/** Share of a cooldown of `cooldownMs` that is left at `tick` when it ends at `readyTick`. */
export function coolingShare(readyTick: number, tick: number, cooldownMs: number, tickRate: number): number {
  return Math.min(1, Math.max(0, (readyTick - tick) / ticksIn(cooldownMs, tickRate)));
}

/** How many players can be on one team in a mode: the seats of its largest team. */
export function teamSlots(mode: string): number {
  const teams = Map.groupBy(rules.modes[mode]?.teams ?? [], (team) => team);
  return Math.max(0, ...[...teams.values()].map((seats) => seats.length));
}
