/**
 * Decides how bots play. A bot writes frames like those of a player, reads only the current world, and has no memory. Its
 * randomness is a function of seed, seat and tick, so that bots do not advance the world's random generator.
 *
 * To be beatable, a bot knows only the enemies that it sees (`sight.ts`). It takes the position that its target had one reaction
 * time ago and extrapolates the target's movement, adds an aim error that changes a few times a second, and sometimes does not
 * fire.
 */
import type { Frames } from "../game/Frames.ts";
import { PLAYING, ticksIn } from "../game/kit/clock.ts";
import { noise } from "../game/kit/random.ts";
import { aimAlong, squareRoot } from "../game/kit/trig.ts";
import { historyOffset } from "./history.ts";
import { hasLineOfSight } from "./MapGeometry.ts";
import { BUTTON_ATTACK, BUTTON_HEAL, KNIGHT, MAGE, MEDIC, METRE, TURN } from "./rules.ts";
import { sees } from "./sight.ts";
import { AIM, BUTTONS, MOVE_X, MOVE_Y } from "./step.ts";
import type { World } from "./World.ts";
import { isWalkable, nearestReachable, waypointsOf } from "./waypoints.ts";

const REACTION_MS = 200;
/** Length of a span. A bot keeps its aim error, its strafe direction and its decision not to fire for one span. */
const SPAN_MS = 450;
/** Largest aim error to each side, by role. */
const AIM_ERROR = [900, 1000, 1500, 1400];
/** Percentage of spans in which the bot does not fire. */
const RESTING_PERCENT = 22;
/** Range of distances that each role keeps to its enemy. */
const KEEP_FROM = [8 * METRE, 6 * METRE, 0, 5 * METRE];
const KEEP_TO = [14 * METRE, 11 * METRE, METRE, 8 * METRE];
const FOLLOW_FROM = 4 * METRE;
/** For how long bots that see no enemy go to the same place, and how near is near enough. */
const MEETING_MS = 8000;
const MEETING_RADIUS = 2 * METRE;

/** Keys of the independent noise streams that `chance` reads. */
const ERROR = 1;
const STRAFE = 2;
const REST = 3;
const MEETING = 4;

export function think(world: World, seat: number, frames: Frames): void {
  // Building the waypoints takes long. Build them at the first call, not in the tick in which a bot first meets a wall.
  waypointsOf(world.geometry);
  frames.idle(seat);
  const row = seat * frames.width;
  frames.values[row + AIM] = world.aim[seat];
  if (world.globals.phase !== PLAYING || world.alive[seat] === 0) return;
  const role = world.role[seat];
  const ally = role === MEDIC ? nearest(world, seat, true, true) : -1;
  const enemy = nearest(world, seat, false, false);
  if (ally >= 0) tend(world, seat, ally, frames, row);
  else if (enemy >= 0) fight(world, seat, enemy, frames, row);
  else seek(world, seat, frames, row);
  if (role !== MEDIC && world.hp[seat] <= world.maxHp[seat] - world.rules.roles[role].selfHeal)
    frames.values[row + BUTTONS] |= BUTTON_HEAL;
}

/** A random number from 0 to `sides` − 1, which stays the same for one span. */
function chance(world: World, stream: number, seat: number, sides: number): number {
  const span = Math.trunc(world.globals.tick / ticksIn(SPAN_MS, world.tickRate));
  // Because of the offset, the spans of different seats begin at different ticks.
  return noise(world.globals.seed[0] ^ world.globals.seed[1], stream * 256 + seat, span + seat * 7, sides);
}

/**
 * Returns the nearest living enemy that the bot sees, or with `seekAllies` the nearest ally within 20 m; −1 for none. With
 * `onlyWounded`, only players with at most 90 % of their hp count. A player behind a wall counts as 15 m farther away.
 */
function nearest(world: World, seat: number, seekAllies: boolean, onlyWounded: boolean): number {
  const x = world.x[seat];
  const y = world.y[seat];
  let best = -1;
  let bestLength = seekAllies ? 20 * METRE : 1 << 20;
  for (let other = 0; other < world.seats; other++) {
    if (other === seat || world.alive[other] === 0 || (world.team[other] === world.team[seat]) !== seekAllies) continue;
    if (onlyWounded && world.hp[other] * 10 > world.maxHp[other] * 9) continue;
    const dx = world.x[other] - x;
    const dy = world.y[other] - y;
    let length = squareRoot(dx * dx + dy * dy);
    if (length >= bestLength || !sees(world, seat, other)) continue;
    if (!hasLineOfSight(world.geometry, x, y, world.x[other], world.y[other])) length += 15 * METRE;
    if (length >= bestLength) continue;
    best = other;
    bestLength = length;
  }
  return best;
}

/** Moves towards a wounded ally and heals it. */
function tend(world: World, seat: number, ally: number, frames: Frames, row: number): void {
  const dx = world.x[ally] - world.x[seat];
  const dy = world.y[ally] - world.y[seat];
  const visible = hasLineOfSight(world.geometry, world.x[seat], world.y[seat], world.x[ally], world.y[ally]);
  if (visible && dx * dx + dy * dy < FOLLOW_FROM * FOLLOW_FROM * 4) strafe(world, seat, dx, dy, frames, row);
  else walkTo(world, seat, world.x[ally], world.y[ally], frames, row);
  frames.values[row + AIM] = aimAlong(dx, dy);
  frames.values[row + BUTTONS] |= BUTTON_HEAL;
}

function fight(world: World, seat: number, enemy: number, frames: Frames, row: number): void {
  const role = world.role[seat];
  const dx = world.x[enemy] - world.x[seat];
  const dy = world.y[enemy] - world.y[seat];
  const length = squareRoot(dx * dx + dy * dy);
  const visible = hasLineOfSight(world.geometry, world.x[seat], world.y[seat], world.x[enemy], world.y[enemy]);
  aimAt(world, seat, enemy, frames, row);
  if (!visible || length > KEEP_TO[role]) walkTo(world, seat, world.x[enemy], world.y[enemy], frames, row);
  else if (length < KEEP_FROM[role]) retreat(world, seat, dx, dy, frames, row);
  else if (role !== KNIGHT) strafe(world, seat, dx, dy, frames, row);
  const reach = world.rules.roles[role].weapon.range + world.rules.bodyRadius;
  const rests = chance(world, REST, seat, 100) < RESTING_PERCENT;
  if (visible && length <= reach && !rests) frames.values[row + BUTTONS] |= BUTTON_ATTACK;
  if (role === MEDIC && world.hp[seat] < world.maxHp[seat]) frames.values[row + BUTTONS] |= BUTTON_HEAL;
}

/**
 * Goes to the place where the bots of the match look for enemies at the moment. It is the same for all of them, so that they meet:
 * a waypoint that depends on seed and tick.
 */
function seek(world: World, seat: number, frames: Frames, row: number): void {
  const points = waypointsOf(world.geometry);
  const { globals } = world;
  const span = Math.trunc(globals.tick / ticksIn(MEETING_MS, world.tickRate));
  const point = noise(globals.seed[0] ^ globals.seed[1], MEETING * 256, span, points.count);
  const dx = points.x[point] - world.x[seat];
  const dy = points.y[point] - world.y[seat];
  if (dx * dx + dy * dy < MEETING_RADIUS * MEETING_RADIUS) return;
  walkTo(world, seat, points.x[point], points.y[point], frames, row);
  frames.values[row + AIM] = aimAlong(frames.values[row + MOVE_X], frames.values[row + MOVE_Y]);
}

/** Aims at the position of `enemy` that is predicted from its position one reaction time ago. */
function aimAt(world: World, seat: number, enemy: number, frames: Frames, row: number): void {
  const role = world.role[seat];
  const reactionTicks = Math.min(world.tickRules.rewindMaxTicks, ticksIn(REACTION_MS, world.tickRate));
  const offset = historyOffset(world, Math.min(reactionTicks, world.globals.tick - world.bornTick[enemy]));
  const seenX = world.historyX[offset + enemy];
  const seenY = world.historyY[offset + enemy];
  let dx = world.x[enemy] - world.x[seat];
  let dy = world.y[enemy] - world.y[seat];
  let leadTicks = 0;
  if (role === MAGE) leadTicks = Math.trunc(squareRoot(dx * dx + dy * dy) / world.tickRules.orbStride);
  // Extrapolate the target's movement over the reaction time and the flight time of the shot.
  if (reactionTicks > 0) {
    dx = seenX + Math.trunc(((world.x[enemy] - seenX) * (reactionTicks + leadTicks)) / reactionTicks) - world.x[seat];
    dy = seenY + Math.trunc(((world.y[enemy] - seenY) * (reactionTicks + leadTicks)) / reactionTicks) - world.y[seat];
  }
  const largest = AIM_ERROR[role];
  const error = chance(world, ERROR, seat, 2 * largest + 1) - largest;
  frames.values[row + AIM] = (aimAlong(dx, dy) + error) & (TURN - 1);
}

function strafe(world: World, seat: number, dx: number, dy: number, frames: Frames, row: number): void {
  const side = chance(world, STRAFE, seat, 2) === 0 ? 1 : -1;
  push(frames, row, -dy * side, dx * side);
}

/** Retreats; moves sideways if there is no room behind. */
function retreat(world: World, seat: number, dx: number, dy: number, frames: Frames, row: number): void {
  const x = world.x[seat];
  const y = world.y[seat];
  const length = Math.max(1, squareRoot(dx * dx + dy * dy));
  const backX = x - Math.trunc((dx * METRE) / length);
  const backY = y - Math.trunc((dy * METRE) / length);
  const side = chance(world, STRAFE, seat, 2) === 0 ? 1 : -1;
  if (isWalkable(world.geometry, x, y, backX, backY)) push(frames, row, -2 * dx - dy * side, -2 * dy + dx * side);
  else strafe(world, seat, dx, dy, frames, row);
}

/** Moves towards (x, y): straight if nothing blocks the way, otherwise along the waypoints. */
function walkTo(world: World, seat: number, x: number, y: number, frames: Frames, row: number): void {
  const { geometry } = world;
  const fromX = world.x[seat];
  const fromY = world.y[seat];
  if (isWalkable(geometry, fromX, fromY, x, y)) {
    push(frames, row, x - fromX, y - fromY);
    return;
  }
  const points = waypointsOf(geometry);
  const last = nearestReachable(geometry, points, x, y);
  let point = nearestReachable(geometry, points, fromX, fromY);
  // Skip the waypoints that can be reached in a straight line.
  for (let hops = 0; hops < 4 && point !== last; hops++) {
    const next = points.next[point * points.count + last];
    if (!isWalkable(geometry, fromX, fromY, points.x[next], points.y[next])) break;
    point = next;
  }
  push(frames, row, points.x[point] - fromX, points.y[point] - fromY);
}

/** Moves at full speed in the direction (dx, dy). */
function push(frames: Frames, row: number, dx: number, dy: number): void {
  const longest = Math.max(1, Math.abs(dx), Math.abs(dy));
  frames.values[row + MOVE_X] = Math.trunc((127 * dx) / longest);
  frames.values[row + MOVE_Y] = Math.trunc((127 * dy) / longest);
}
