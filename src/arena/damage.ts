/** Damage of a hit: less at a distance, more for a critical hit. hp never falls below 0; `lives.ts` handles deaths. */
import { roll } from "../game/kit/random.ts";
import { ARENA_SIZE, WEAPON_NAMES, type WeaponRules } from "./rules.ts";
import type { World } from "./World.ts";

export function damageAt(weapon: WeaponRules, distance: number): number {
  if (distance <= weapon.fallFrom) return weapon.damage;
  const beyond = Math.min(distance, weapon.range) - weapon.fallFrom;
  return weapon.damage - Math.trunc(((weapon.damage - weapon.damageFar) * beyond) / (weapon.range - weapon.fallFrom));
}

/** Rolls for a critical hit, subtracts the damage from the hp of `target`, and returns how many hp it lost. */
export function applyDamage(world: World, attacker: number, target: number, weapon: number, damage: number): number {
  const { rules } = world;
  if (roll(world.globals.generator, 100) < rules.critPercent)
    damage = Math.trunc((damage * rules.critDamagePercent) / 100);
  const hpLost = Math.min(damage, world.hp[target]);
  world.hp[target] -= hpLost;
  world.hurtTick[target * world.seats + attacker] = world.globals.tick;
  world.reward[attacker] += hpLost;
  world.reward[target] -= hpLost;
  if (world.hp[target] === 0) {
    world.killer[target] = attacker;
    world.killWeapon[target] = weapon;
  }
  return hpLost;
}

const clampToArena = (coordinate: number): number => Math.max(0, Math.min(ARENA_SIZE - 1, coordinate));

/**
 * Emits the fact of one attack. `target` is −1 on a miss. (x, y) is where the attack landed: the position of the target as the
 * attacker saw it, or the end of the shot on a miss.
 */
export function emitAttack(
  world: World,
  attacker: number,
  target: number,
  weapon: number,
  damage: number,
  x: number,
  y: number,
  rewind: number,
): void {
  world.emit.attack({
    attacker,
    target: target < 0 ? null : target,
    weapon: WEAPON_NAMES[weapon],
    damage,
    targetHp: target < 0 ? 0 : world.hp[target],
    x: clampToArena(x),
    y: clampToArena(y),
    rewindTicks: rewind,
  });
}
