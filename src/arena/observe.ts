/**
 * The observation and reward of a seat, for machine learning. Integers only; does not change the world.
 *
 * First 14 values of the seat itself: phase, ticks until the phase ends, role, x and y from the centre, aim, hp, maxHp, alive,
 * ticks until attack, heal, respawn and end of protection, kills minus deaths. Then 10 values for each of the `NEAREST` other
 * players, nearest first: present, ally, role, relative x and y, aim, hp, alive, movement in the latest step x and y. Values of
 * missing players are 0.
 */
import { ARENA_SIZE } from "./rules.ts";
import type { World } from "./World.ts";

const OWN_WORDS = 14;
const OTHER_WORDS = 10;
const NEAREST = 7;

export const observationLength = OWN_WORDS + NEAREST * OTHER_WORDS;

export function observe(world: World, seat: number, out: Int32Array): void {
  const tick = world.globals.tick;
  const ticksUntil = (at: number): number => Math.max(0, at - tick);
  out.fill(0);
  out[0] = world.globals.phase;
  out[1] = ticksUntil(world.globals.phaseEnd);
  out[2] = world.role[seat];
  out[3] = world.x[seat] - ARENA_SIZE / 2;
  out[4] = world.y[seat] - ARENA_SIZE / 2;
  out[5] = world.aim[seat];
  out[6] = world.hp[seat];
  out[7] = world.maxHp[seat];
  out[8] = world.alive[seat];
  out[9] = ticksUntil(world.attackReadyTick[seat]);
  out[10] = ticksUntil(world.healReadyTick[seat]);
  out[11] = ticksUntil(world.respawnTick[seat]);
  out[12] = ticksUntil(world.protectedUntilTick[seat]);
  out[13] = world.kills[seat] - world.deaths[seat];
  let previousSquare = -1;
  let previousSeat = -1;
  for (let rank = 0; rank < NEAREST; rank++) {
    const other = nextNearest(world, seat, previousSquare, previousSeat);
    if (other < 0) break;
    previousSquare = squareBetween(world, seat, other);
    previousSeat = other;
    writeOther(world, seat, other, out, OWN_WORDS + rank * OTHER_WORDS);
  }
}

/** Reward of the latest step: damage dealt minus damage taken, plus healing of others, plus kills minus deaths. */
export function reward(world: World, seat: number): number {
  return world.reward[seat];
}

function squareBetween(world: World, seat: number, other: number): number {
  const dx = world.x[other] - world.x[seat];
  const dy = world.y[other] - world.y[seat];
  return dx * dx + dy * dy;
}

/**
 * Returns the seat of the next player, in order of distance and then of seat number, after the player in `previousSeat`; −1 for
 * none. `previousSquare` is the squared distance of the player in `previousSeat`.
 */
function nextNearest(world: World, seat: number, previousSquare: number, previousSeat: number): number {
  let best = -1;
  let bestSquare = 0;
  for (let other = 0; other < world.seats; other++) {
    if (other === seat || world.holder[other] === 0) continue;
    const square = squareBetween(world, seat, other);
    if (square < previousSquare || (square === previousSquare && other <= previousSeat)) continue;
    if (best < 0 || square < bestSquare) {
      best = other;
      bestSquare = square;
    }
  }
  return best;
}

function writeOther(world: World, seat: number, other: number, out: Int32Array, at: number): void {
  out[at] = 1;
  out[at + 1] = world.team[other] === world.team[seat] ? 1 : 0;
  out[at + 2] = world.role[other];
  out[at + 3] = world.x[other] - world.x[seat];
  out[at + 4] = world.y[other] - world.y[seat];
  out[at + 5] = world.aim[other];
  out[at + 6] = world.hp[other];
  out[at + 7] = world.alive[other];
  out[at + 8] = world.x[other] - world.lastX[other];
  out[at + 9] = world.y[other] - world.lastY[other];
}
