/**
 * Owns orbs in the air: straight flight in whole subunits per tick, burst at the first wall, body or at the end of the
 * range. An orb's attack facts come when it bursts, not when it is fired: one for the body struck, one for each caught by
 * the burst, or one miss. It is not lag-compensated, so `rewindTicks` is 0: everyone can see it come.
 */
import { inSight, WAY, wallOn } from "./Court.ts";
import { damageAt, hurt, stateAttack } from "./damage.ts";
import { exposed } from "./history.ts";
import { MAGE } from "./rules.ts";
import { cosine, ONE, sine, squareRoot } from "./trig.ts";
import { ORBS_PER_SEAT, TICK, type World } from "./World.ts";

/** Lets an orb of `seat` go along its aim. It moves from the next tick on. */
export function fireOrb(world: World, seat: number): void {
  const slot = freeSlot(world, seat);
  world.orbTick[slot] = world.globals[TICK];
  world.orbX[slot] = world.x[seat];
  world.orbY[slot] = world.y[seat];
  world.orbStepX[slot] = Math.trunc((cosine(world.aim[seat]) * world.tuning.orbStride) / ONE);
  world.orbStepY[slot] = Math.trunc((sine(world.aim[seat]) * world.tuning.orbStride) / ONE);
}

/** A free slot of the seat, or the older orb's: only who dies and is back before its orbs have burst can need a third. */
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
  const tick = world.globals[TICK];
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
  const wall = wallOn(world.court, x, y, x + stepX, y + stepY, 0);
  const owner = Math.trunc(slot / ORBS_PER_SEAT);
  const reach = world.rules.orb.radius + world.rules.bodyRadius;
  let struck = -1;
  let way = Math.min(wall, WAY);
  for (let other = 0; other < world.seats; other++) {
    if (world.team[other] === world.team[owner] || !exposed(world, other, 0)) continue;
    const met = meets(world.x[other] - x, world.y[other] - y, stepX, stepY, reach);
    if (met < way || (met === way && struck < 0 && wall > WAY)) {
      way = met;
      struck = other;
    }
  }
  if (struck < 0 && wall > WAY && age < world.tuning.orbLifeTicks) return;
  world.orbTick[slot] = 0;
  const flown = world.tuning.orbStride * (age - 1) + Math.trunc((world.tuning.orbStride * way) / WAY);
  // A burst on a wall happens this side of it, or its sight of the bodies around would start inside.
  const short = wall <= WAY && struck < 0 ? Math.max(0, way - 1) : way;
  const burstX = x + Math.trunc((stepX * short) / WAY);
  const burstY = y + Math.trunc((stepY * short) / WAY);
  burst(world, owner, struck, burstX, burstY, flown);
}

/**
 * Fraction (of `WAY`) of the step (stepX, stepY) at which an orb comes within `reach` of a body at (dx, dy) from the step's
 * start; `WAY + 1` when it does not.
 */
function meets(dx: number, dy: number, stepX: number, stepY: number, reach: number): number {
  if (dx * dx + dy * dy <= reach * reach) return 0;
  const length = squareRoot(stepX * stepX + stepY * stepY);
  if (length === 0) return WAY + 1;
  const along = Math.trunc((dx * stepX + dy * stepY) / length);
  const across = Math.abs(Math.trunc((dx * stepY - dy * stepX) / length));
  if (along <= 0 || across >= reach) return WAY + 1;
  const entry = along - squareRoot(reach * reach - across * across);
  if (entry > length) return WAY + 1;
  return Math.max(0, Math.min(WAY, Math.trunc((entry * WAY) / length)));
}

function burst(world: World, owner: number, struck: number, x: number, y: number, flown: number): void {
  const { orb } = world.rules;
  let hits = 0;
  if (struck >= 0) {
    const lost = hurt(world, owner, struck, MAGE, damageAt(world.rules.roles[MAGE].weapon, flown));
    stateAttack(world, owner, struck, MAGE, lost, x, y, 0);
    hits++;
  }
  const reach = orb.burstRadius + world.rules.bodyRadius;
  for (let other = 0; other < world.seats; other++) {
    if (other === struck || world.team[other] === world.team[owner] || !exposed(world, other, 0)) continue;
    const dx = world.x[other] - x;
    const dy = world.y[other] - y;
    if (dx * dx + dy * dy > reach * reach || !inSight(world.court, x, y, world.x[other], world.y[other])) continue;
    const lost = hurt(world, owner, other, MAGE, orb.burstDamage);
    stateAttack(world, owner, other, MAGE, lost, x, y, 0);
    hits++;
  }
  if (hits === 0) stateAttack(world, owner, -1, MAGE, 0, x, y, 0);
}
