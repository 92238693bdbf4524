/**
 * Attacks: decides which bodies a bolt, blade or beam hits; `orbs.ts` moves orbs. There is no friendly fire, and walls stop all
 * attacks. A body that an earlier hit in the same tick brought to 0 hp is not hit again.
 */

import { firstRectangleHit, SEGMENT_END } from "../game/kit/rectangles.ts";
import { cosine, ONE, sine, squareRoot } from "../game/kit/trig.ts";
import { applyDamage, damageAt, emitAttack } from "./damage.ts";
import { canBeHit, historyOffset } from "./history.ts";
import { hasLineOfSight } from "./MapGeometry.ts";
import { fireOrb } from "./orbs.ts";
import type { World } from "./World.ts";

/** Uses the weapon of the seat if it is ready. An attack ends the attacker's own spawn protection. */
export function attack(world: World, seat: number, rewind: number): void {
  const tick = world.globals.tick;
  if (world.attackReadyTick[seat] > tick) return;
  const role = world.role[seat];
  world.attackReadyTick[seat] = tick + world.tickRules.attackTicks[role];
  world.protectedUntilTick[seat] = 0;
  switch (world.rules.roles[role].weapon.shape) {
    case "line":
      shootLine(world, seat, rewind);
      break;
    case "orb":
      fireOrb(world, seat);
      break;
    case "cone":
      strikeCone(world, seat, rewind);
      break;
    case "beam":
      strikeBeam(world, seat, rewind);
      break;
  }
}

function shootLine(world: World, seat: number, rewind: number): void {
  const weapon = world.rules.roles[world.role[seat]].weapon;
  const { bodyRadius } = world.rules;
  const dirX = cosine(world.aim[seat]);
  const dirY = sine(world.aim[seat]);
  const x = world.x[seat];
  const y = world.y[seat];
  const endX = x + Math.trunc((dirX * weapon.range) / ONE);
  const endY = y + Math.trunc((dirY * weapon.range) / ONE);
  const wall = firstRectangleHit(world.geometry.walls, x, y, endX, endY, 0);
  const free = wall > SEGMENT_END ? weapon.range : Math.trunc((weapon.range * wall) / SEGMENT_END);
  const offset = historyOffset(world, rewind);
  let nearest = free;
  let target = -1;
  for (let other = 0; other < world.seats; other++) {
    if (world.team[other] === world.team[seat] || !canBeHit(world, other, rewind)) continue;
    const dx = world.historyX[offset + other] - x;
    const dy = world.historyY[offset + other] - y;
    const along = Math.trunc((dx * dirX + dy * dirY) / ONE);
    const across = Math.abs(Math.trunc((dx * dirY - dy * dirX) / ONE));
    if (along <= 0 || across >= bodyRadius) continue;
    const entry = Math.max(0, along - squareRoot(bodyRadius * bodyRadius - across * across));
    if (entry < nearest) {
      nearest = entry;
      target = other;
    }
  }
  const weaponId = world.role[seat];
  if (target < 0) {
    const missX = x + Math.trunc((dirX * free) / ONE);
    const missY = y + Math.trunc((dirY * free) / ONE);
    emitAttack(world, seat, -1, weaponId, 0, missX, missY, rewind);
    return;
  }
  const hpLost = applyDamage(world, seat, target, weaponId, damageAt(weapon, nearest));
  emitAttack(
    world,
    seat,
    target,
    weaponId,
    hpLost,
    world.historyX[offset + target],
    world.historyY[offset + target],
    rewind,
  );
}

/**
 * Returns the distance in subunits, from the attacker's centre to the body's edge, if a cone of `range` and `halfAngle` reaches a
 * body at the relative position (dx, dy); −1 if it does not. A body on the aim line is reached even if the cone is very narrow.
 */
function coneReach(world: World, aim: number, range: number, halfAngle: number, dx: number, dy: number): number {
  const { bodyRadius } = world.rules;
  const reach = range + bodyRadius;
  const square = dx * dx + dy * dy;
  if (square > reach * reach) return -1;
  const dirX = cosine(aim);
  const dirY = sine(aim);
  const along = Math.trunc((dx * dirX + dy * dirY) / ONE);
  const across = Math.abs(Math.trunc((dx * dirY - dy * dirX) / ONE));
  const inside = along >= 0 && across * cosine(halfAngle) <= along * sine(halfAngle);
  if (!inside && (along < 0 || across >= bodyRadius)) return -1;
  return Math.max(0, squareRoot(square) - bodyRadius);
}

function strikeCone(world: World, seat: number, rewind: number): void {
  const weaponId = world.role[seat];
  const weapon = world.rules.roles[weaponId].weapon;
  const offset = historyOffset(world, rewind);
  const x = world.x[seat];
  const y = world.y[seat];
  let hits = 0;
  for (let other = 0; other < world.seats; other++) {
    if (world.team[other] === world.team[seat] || !canBeHit(world, other, rewind)) continue;
    const otherX = world.historyX[offset + other];
    const otherY = world.historyY[offset + other];
    const distance = coneReach(world, world.aim[seat], weapon.range, weapon.halfAngle, otherX - x, otherY - y);
    if (distance < 0 || !hasLineOfSight(world.geometry, x, y, otherX, otherY)) continue;
    const hpLost = applyDamage(world, seat, other, weaponId, damageAt(weapon, distance));
    emitAttack(world, seat, other, weaponId, hpLost, otherX, otherY, rewind);
    hits++;
  }
  if (hits === 0) emitMissAhead(world, seat, weapon.range, rewind);
}

function strikeBeam(world: World, seat: number, rewind: number): void {
  const weaponId = world.role[seat];
  const weapon = world.rules.roles[weaponId].weapon;
  const target = mostCentral(world, seat, weapon.range, weapon.halfAngle, rewind, false);
  if (target < 0) {
    emitMissAhead(world, seat, weapon.range, rewind);
    return;
  }
  const offset = historyOffset(world, rewind);
  const otherX = world.historyX[offset + target];
  const otherY = world.historyY[offset + target];
  const dx = otherX - world.x[seat];
  const dy = otherY - world.y[seat];
  const distance = Math.max(0, squareRoot(dx * dx + dy * dy) - world.rules.bodyRadius);
  const hpLost = applyDamage(world, seat, target, weaponId, damageAt(weapon, distance));
  emitAttack(world, seat, target, weaponId, hpLost, otherX, otherY, rewind);
}

/**
 * Returns the seat of the visible body in the cone that is nearest to the aim line: an enemy that can be hit or, with
 * `seekAllies`, a wounded teammate; −1 for none.
 */
export function mostCentral(
  world: World,
  seat: number,
  range: number,
  halfAngle: number,
  rewind: number,
  seekAllies: boolean,
): number {
  const offset = historyOffset(world, rewind);
  const x = world.x[seat];
  const y = world.y[seat];
  const dirX = cosine(world.aim[seat]);
  const dirY = sine(world.aim[seat]);
  let best = -1;
  let bestAcross = ONE * 2;
  for (let other = 0; other < world.seats; other++) {
    if (other === seat || (world.team[other] === world.team[seat]) !== seekAllies) continue;
    if (seekAllies ? !isHealable(world, other, rewind) : !canBeHit(world, other, rewind)) continue;
    const otherX = world.historyX[offset + other];
    const otherY = world.historyY[offset + other];
    const dx = otherX - x;
    const dy = otherY - y;
    const distance = coneReach(world, world.aim[seat], range, halfAngle, dx, dy);
    if (distance < 0) continue;
    const length = Math.max(1, squareRoot(dx * dx + dy * dy));
    const across = Math.trunc(Math.abs(dx * dirY - dy * dirX) / length);
    if (across >= bestAcross || !hasLineOfSight(world.geometry, x, y, otherX, otherY)) continue;
    best = other;
    bestAcross = across;
  }
  return best;
}

function isHealable(world: World, seat: number, rewind: number): boolean {
  return (
    world.alive[seat] === 1 &&
    world.hp[seat] > 0 &&
    world.hp[seat] < world.maxHp[seat] &&
    world.bornTick[seat] <= world.globals.tick - rewind
  );
}

function emitMissAhead(world: World, seat: number, range: number, rewind: number): void {
  const endX = world.x[seat] + Math.trunc((cosine(world.aim[seat]) * range) / ONE);
  const endY = world.y[seat] + Math.trunc((sine(world.aim[seat]) * range) / ONE);
  emitAttack(world, seat, -1, world.role[seat], 0, endX, endY, rewind);
}
