/** Chooses the target of a thumb that touches without giving a direction. */
import { hasLineOfSight, type MapGeometry } from "../../src/arena/MapGeometry.ts";
import { rules } from "../../src/arena/rules.ts";
import { roleRules } from "../arena.ts";
import { type ArenaState, isAlly } from "../play/matchState.ts";

/**
 * The session id of the nearest enemy in sight and within the range of the own weapon; for a medic who heals, of the nearest
 * wounded ally in sight and within the range of the heal. Null if there is none.
 */
export function autoTarget(state: ArenaState, ownId: string, geometry: MapGeometry, heals: boolean): string | null {
  const own = state.players.get(ownId);
  if (own === undefined) return null;
  const role = roleRules(own.role);
  const tends = heals && role.allyHeal > 0;
  let nearest: string | null = null;
  let length = (tends ? rules.heal.range : role.weapon.range) + rules.bodyRadius;
  state.players.forEach((other, id) => {
    if (id === ownId || !other.alive || isAlly(own, other) !== tends) return;
    if (tends && other.hp >= other.maxHp) return;
    const distance = Math.hypot(other.x - own.x, other.y - own.y);
    if (distance > length || !hasLineOfSight(geometry, own.x, own.y, other.x, other.y)) return;
    nearest = id;
    length = distance;
  });
  return nearest;
}
