/** The holders of the seats, and the phase of the match. Both depend only on frames and ticks. */
import { type Frames, NOBODY, PERSON } from "../game/Frames.ts";
import {
  advancePhase,
  BY_ABANDON,
  BY_ELIMINATION,
  BY_SCORE,
  BY_TIME,
  endMatch,
  isTimeUp,
  PLAYING,
} from "../game/kit/clock.ts";
import { removeBody, spawnAtStart } from "./lives.ts";
import type { World } from "./World.ts";

/** Applies changed holders and roles of the seats, then updates the phase. */
export function syncHolders(world: World, frames: Frames): void {
  const isPlaying = world.globals.phase === PLAYING;
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
  if (hasForfeit) endMatch(world.globals, BY_ABANDON);
  const { countdownTicks, timeLimitTicks } = world.tickRules;
  if (advancePhase(world.globals, occupiedSeats === world.seats, countdownTicks, timeLimitTicks))
    for (let seat = 0; seat < world.seats; seat++) spawnAtStart(world, seat);
}

/** Ends the match if its score, elimination or time limit has been reached, checked in that order. */
export function endIfDecided(world: World): void {
  if (world.globals.phase !== PLAYING) return;
  const { scoreLimit, lives } = world.mode;
  if (scoreLimit > 0) {
    for (let team = 0; team < world.teams; team++) {
      if (world.teamScores[team] >= scoreLimit) {
        endMatch(world.globals, BY_SCORE);
        return;
      }
    }
  }
  if (lives > 0 && teamsLeft(world) <= 1) endMatch(world.globals, BY_ELIMINATION);
  else if (isTimeUp(world.globals)) endMatch(world.globals, BY_TIME);
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
