/**
 * The holders of the seats, and the phase of the match. Both depend only on frames and ticks, so that a replay has the same
 * phases. Phases only advance, with one exception: if a player leaves during the countdown, the match returns to `waiting`.
 */
import { type Frames, NOBODY, PERSON } from "../game/Frames.ts";
import { removeBody, spawnAtStart } from "./lives.ts";
import {
  BY_ABANDON,
  BY_ELIMINATION,
  BY_SCORE,
  BY_TIME,
  COUNTDOWN,
  END_REASON,
  ENDED,
  PHASE,
  PHASE_END,
  PLAYING,
  TICK,
  WAITING,
  type World,
} from "./World.ts";

function endWorld(world: World, reason: number): void {
  world.globals[PHASE] = ENDED;
  world.globals[END_REASON] = reason;
  world.globals[PHASE_END] = world.globals[TICK];
}

/** Applies changed holders and roles of the seats, then updates the phase. */
export function syncHolders(world: World, frames: Frames): void {
  const isPlaying = world.globals[PHASE] === PLAYING;
  let occupiedSeats = 0;
  let hasForfeit = false;
  for (let seat = 0; seat < world.seats; seat++) {
    const holder = frames.holder[seat];
    if (isPlaying) {
      if (world.holder[seat] === PERSON && holder !== PERSON && world.mode.onLeave === "end") {
        world.forfeited[seat] = 1;
        hasForfeit = true;
      }
      world.holder[seat] = holder;
      continue;
    }
    const role = frames.role[seat] < world.rules.roles.length ? frames.role[seat] : 0;
    const hasChanged = holder !== world.holder[seat] || (holder !== NOBODY && role !== world.role[seat]);
    world.holder[seat] = holder;
    if (holder !== NOBODY) occupiedSeats++;
    if (!hasChanged) continue;
    if (holder === NOBODY) {
      removeBody(world, seat);
    } else {
      world.role[seat] = role;
      spawnAtStart(world, seat);
    }
  }
  if (hasForfeit) endWorld(world, BY_ABANDON);
  else if (!isPlaying) updatePhase(world, occupiedSeats === world.seats);
}

function updatePhase(world: World, isFull: boolean): void {
  const tick = world.globals[TICK];
  if (!isFull) {
    world.globals[PHASE] = WAITING;
    world.globals[PHASE_END] = 0;
  } else if (world.globals[PHASE] === WAITING) {
    world.globals[PHASE] = COUNTDOWN;
    world.globals[PHASE_END] = tick + world.tickRules.countdownTicks;
  } else if (tick >= world.globals[PHASE_END]) {
    for (let seat = 0; seat < world.seats; seat++) spawnAtStart(world, seat);
    world.globals[PHASE] = PLAYING;
    world.globals[PHASE_END] = tick + world.tickRules.timeLimitTicks;
  }
}

/** Ends the match if its score, elimination or time limit has been reached, checked in that order. */
export function endIfDecided(world: World): void {
  if (world.globals[PHASE] !== PLAYING) return;
  const { scoreLimit, lives } = world.mode;
  if (scoreLimit > 0) {
    for (let team = 0; team < world.teams; team++) {
      if (world.teamScores[team] >= scoreLimit) {
        endWorld(world, BY_SCORE);
        return;
      }
    }
  }
  if (lives > 0 && teamsLeft(world) <= 1) endWorld(world, BY_ELIMINATION);
  else if (world.globals[TICK] >= world.globals[PHASE_END]) endWorld(world, BY_TIME);
}

function teamsLeft(world: World): number {
  let left = 0;
  for (let team = 0; team < world.teams; team++) {
    for (let seat = 0; seat < world.seats; seat++) {
      if (world.team[seat] === team && world.deaths[seat] < world.mode.lives) {
        left++;
        break;
      }
    }
  }
  return left;
}
