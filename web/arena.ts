/** Owns what the page takes from the game's own rules: the same constants, walls and movement as the server's. */
import { geometryOf, type MapGeometry } from "../src/arena/MapGeometry.ts";
import { type RoleRules, rules, TURN, ticksIn } from "../src/arena/rules.ts";

export const RULES_VERSION = rules.version;

export const roleRules = (role: number): RoleRules => rules.roles[role] ?? rules.roles[0];

/** The walls of a running match. Throws when this page does not know its map: then it is older than the server. */
export const courtFor = (map: string, mode: string): MapGeometry => geometryOf(map, mode, rules.bodyRadius);

export const radians = (aim: number): number => (aim / TURN) * 2 * Math.PI;

/** Share of a cooldown of `cooldownMs` that is left at `tick` when it ends at `readyTick`. */
export function coolingShare(readyTick: number, tick: number, cooldownMs: number, tickRate: number): number {
  return Math.min(1, Math.max(0, (readyTick - tick) / ticksIn(cooldownMs, tickRate)));
}

/** How many can play together in a mode: the places of its largest team. */
export function teamPlaces(mode: string): number {
  const teams = Map.groupBy(rules.modes[mode]?.teams ?? [], (team) => team);
  return Math.max(0, ...[...teams.values()].map((seats) => seats.length));
}
