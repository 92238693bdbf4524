/**
 * Healing: a medic heals the ally it aims at, and every role can heal itself. hp never rises above `maxHp`, and a dead player is
 * never healed. A heal that would restore nothing does not start the cooldown.
 */
import type { World } from "./World.ts";
import { mostCentral } from "./weapons.ts";

export function heal(world: World, seat: number, rewind: number): void {
  const tick = world.globals.tick;
  if (world.healReadyTick[seat] > tick || world.hp[seat] === 0) return;
  const role = world.rules.roles[world.role[seat]];
  let target = seat;
  let points = role.selfHeal;
  if (role.allyHeal > 0) {
    const ally = mostCentral(world, seat, world.rules.heal.range, world.rules.heal.halfAngle, rewind, true);
    if (ally >= 0) {
      target = ally;
      points = role.allyHeal;
    }
  }
  const amount = Math.min(points, world.maxHp[target] - world.hp[target]);
  if (amount <= 0) return;
  world.hp[target] += amount;
  world.healReadyTick[seat] = tick + world.tickRules.healTicks[world.role[seat]];
  if (target !== seat) addHealingScore(world, seat, amount);
  world.emit.heal({ healer: seat, target, amount, targetHp: world.hp[target] });
}

function addHealingScore(world: World, seat: number, amount: number): void {
  const perPoint = world.rules.score.healingPerPoint;
  const healing = world.healing[seat] + amount;
  world.score[seat] += Math.trunc(healing / perPoint);
  world.healing[seat] = healing % perPoint;
  world.reward[seat] += amount;
}
