/**
 * Orbs (projectiles). An orb flies straight, in whole subunits per tick, and bursts at the first wall or body, or at the end of
 * its range. Its attack facts are emitted when it bursts, not when it is fired: one for the body it struck and one for each other
 * body in the burst, or one miss. Orbs are visible in flight, so they are not lag-compensated (`rewindTicks` is 0).
 */

import { firstRectangleHit, SEGMENT_END } from "../game/kit/rectangles.ts";
import { cosine, ONE, sine, squareRoot } from "../game/kit/trig.ts";
import { applyDamage, damageAt, emitAttack } from "./damage.ts";
import { canBeHit } from "./history.ts";
import { hasLineOfSight } from "./MapGeometry.ts";
import { MAGE } from "./rules.ts";
import { ORBS_PER_SEAT, type World } from "./World.ts";

/** Fires an orb along the aim of `seat`. It starts to move in the next tick. */
export function fireOrb(world: World, seat: number): void {
  const slot = freeSlot(world, seat);
  world.orbTick[slot] = world.globals.tick;
  world.orbX[slot] = world.x[seat];
  world.orbY[slot] = world.y[seat];
  world.orbStepX[slot] = Math.trunc((cosine(world.aim[seat]) * world.tickRules.orbStride) / ONE);
  world.orbStepY[slot] = Math.trunc((sine(world.aim[seat]) * world.tickRules.orbStride) / ONE);
}

/**
 * Returns a free orb slot of the seat, or the slot of its oldest orb if all its orbs still fly. All can fly at the moment of a
 * shot only after a respawn, which resets the cooldown.
 */
function freeSlot(world: World, seat: number): number {
  const first = seat * ORBS_PER_SEAT;
  let oldest = first;
  for (let slot = first; slot < first + ORBS_PER_SEAT; slot++) {
    if (world.orbTick[slot] < world.orbTick[oldest]) oldest = slot;
  }
  return oldest;
}

/** Moves every orb by one tick. */
export function flyOrbs(world: World): void {
  const tick = world.globals.tick;
  for (let slot = 0; slot < world.orbTick.length; slot++) {
    if (world.orbTick[slot] !== 0 && world.orbTick[slot] < tick) fly(world, slot, tick);
  }
}

function fly(world: World, slot: number, tick: number): void {
  const age = tick - world.orbTick[slot];
  const stepX = world.orbStepX[slot];
  const stepY = world.orbStepY[slot];
  const x = world.orbX[slot] + stepX * (age - 1);
  const y = world.orbY[slot] + stepY * (age - 1);
  const wall = firstRectangleHit(world.geometry.walls, x, y, x + stepX, y + stepY, 0);
  const owner = Math.trunc(slot / ORBS_PER_SEAT);
  const reach = world.rules.orb.radius + world.rules.bodyRadius;
  let struck = -1;
  // How far along its step the orb gets: from 0 to `SEGMENT_END`.
  let progress = Math.min(wall, SEGMENT_END);
  for (let other = 0; other < world.seats; other++) {
    if (world.team[other] === world.team[owner] || !canBeHit(world, other, 0)) continue;
    const hit = bodyHit(world.x[other] - x, world.y[other] - y, stepX, stepY, reach);
    if (hit < progress || (hit === progress && struck < 0 && wall > SEGMENT_END)) {
      progress = hit;
      struck = other;
    }
  }
  if (struck < 0 && wall > SEGMENT_END && age < world.tickRules.orbLifeTicks) return;
  world.orbTick[slot] = 0;
  const flown =
    world.tickRules.orbStride * (age - 1) + Math.trunc((world.tickRules.orbStride * progress) / SEGMENT_END);
  // An orb bursts just in front of a wall. Otherwise the line of sight from the burst to bodies would start inside the wall.
  const burstProgress = wall <= SEGMENT_END && struck < 0 ? Math.max(0, progress - 1) : progress;
  const burstX = x + Math.trunc((stepX * burstProgress) / SEGMENT_END);
  const burstY = y + Math.trunc((stepY * burstProgress) / SEGMENT_END);
  burst(world, owner, struck, burstX, burstY, flown);
}

/**
 * Returns where in its step (stepX, stepY) an orb comes within `reach` of a body: from 0 (at the start) to `SEGMENT_END` (at the
 * end), or `SEGMENT_END + 1` if it does not. (dx, dy) is the position of the body relative to the start of the step.
 * Not `circleHit`, which is more exact and would change the hashes.
 */
function bodyHit(dx: number, dy: number, stepX: number, stepY: number, reach: number): number {
  if (dx * dx + dy * dy <= reach * reach) return 0;
  const length = squareRoot(stepX * stepX + stepY * stepY);
  if (length === 0) return SEGMENT_END + 1;
  const along = Math.trunc((dx * stepX + dy * stepY) / length);
  const across = Math.abs(Math.trunc((dx * stepY - dy * stepX) / length));
  if (along <= 0 || across >= reach) return SEGMENT_END + 1;
  const entry = along - squareRoot(reach * reach - across * across);
  if (entry > length) return SEGMENT_END + 1;
  return Math.max(0, Math.min(SEGMENT_END, Math.trunc((entry * SEGMENT_END) / length)));
}

function burst(world: World, owner: number, struck: number, x: number, y: number, flown: number): void {
  const { orb } = world.rules;
  let hits = 0;
  if (struck >= 0) {
    const hpLost = applyDamage(world, owner, struck, MAGE, damageAt(world.rules.roles[MAGE].weapon, flown));
    emitAttack(world, owner, struck, MAGE, hpLost, x, y, 0);
    hits++;
  }
  const reach = orb.burstRadius + world.rules.bodyRadius;
  for (let other = 0; other < world.seats; other++) {
    if (other === struck || world.team[other] === world.team[owner] || !canBeHit(world, other, 0)) continue;
    const dx = world.x[other] - x;
    const dy = world.y[other] - y;
    if (dx * dx + dy * dy > reach * reach || !hasLineOfSight(world.geometry, x, y, world.x[other], world.y[other]))
      continue;
    const hpLost = applyDamage(world, owner, other, MAGE, orb.burstDamage);
    emitAttack(world, owner, other, MAGE, hpLost, x, y, 0);
    hits++;
  }
  if (hits === 0) emitAttack(world, owner, -1, MAGE, 0, x, y, 0);
}
