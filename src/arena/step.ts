/**
 * One tick of the simulation. Pure: it depends on world and frames only. Allocates nothing in the steady state except facts.
 *
 * Order within a step: seats and phase, respawns, movement, history, heals, attacks, orbs, deaths, end of match, move facts.
 * Deaths are counted after all attacks, so two players who bring each other to 0 hp in the same tick both die.
 */

import { type Frames, NOBODY } from "../game/Frames.ts";
import { ENDED, PLAYING } from "../game/kit/clock.ts";
import { moveBody } from "../game/kit/movement.ts";
import { heal } from "./healing.ts";
import { grantedRewind, recordPositions } from "./history.ts";
import { countDeaths, respawnDue } from "./lives.ts";
import { flyOrbs } from "./orbs.ts";
import { endIfDecided, syncHolders } from "./phases.ts";
import { BUTTON_ATTACK, BUTTON_HEAL, TURN } from "./rules.ts";
import type { World } from "./World.ts";
import { attack } from "./weapons.ts";

/** Indices of the input fields in a row of `Frames`, in the order in which `ArenaInput.ts` declares them. */
export const MOVE_X = 0;
export const MOVE_Y = 1;
export const AIM = 2;
export const BUTTONS = 3;
const REWIND = 4;

export function step(world: World, frames: Frames): void {
  const { globals } = world;
  if (globals.phase === ENDED) return;
  globals.tick++;
  world.lastX.set(world.x);
  world.lastY.set(world.y);
  world.lastAim.set(world.aim);
  world.reward.fill(0);
  syncHolders(world, frames);
  if (globals.phase === PLAYING) respawnDue(world);
  if (globals.phase !== ENDED) moveAll(world, frames);
  recordPositions(world);
  if (globals.phase === PLAYING) {
    act(world, frames);
    flyOrbs(world);
    countDeaths(world);
    endIfDecided(world);
  }
  emitMoves(world);
}

function moveAll(world: World, frames: Frames): void {
  const { scratch, geometry } = world;
  const { values, width } = frames;
  for (let seat = 0; seat < world.seats; seat++) {
    if (world.alive[seat] === 0 || world.holder[seat] === NOBODY) continue;
    const row = seat * width;
    world.aim[seat] = values[row + AIM] & (TURN - 1);
    scratch.x = world.x[seat];
    scratch.y = world.y[seat];
    moveBody(scratch, values[row + MOVE_X], values[row + MOVE_Y], world.tickRules.strides[world.role[seat]], geometry);
    world.x[seat] = scratch.x;
    world.y[seat] = scratch.y;
  }
}

function act(world: World, frames: Frames): void {
  const { values, width } = frames;
  for (let seat = 0; seat < world.seats; seat++) {
    const row = seat * width;
    if ((values[row + BUTTONS] & BUTTON_HEAL) !== 0 && canAct(world, seat))
      heal(world, seat, grantedRewind(world, values[row + REWIND]));
  }
  for (let seat = 0; seat < world.seats; seat++) {
    const row = seat * width;
    if ((values[row + BUTTONS] & BUTTON_ATTACK) !== 0 && canAct(world, seat))
      attack(world, seat, grantedRewind(world, values[row + REWIND]));
  }
}

const canAct = (world: World, seat: number): boolean => world.alive[seat] === 1 && world.holder[seat] !== NOBODY;

/** Most facts are moves, so this one is reused. */
const moved = { player: 0, x: 0, y: 0, aim: 0 };

function emitMoves(world: World): void {
  const { emit, x, y, aim } = world;
  for (let seat = 0; seat < world.seats; seat++) {
    if (x[seat] === world.lastX[seat] && y[seat] === world.lastY[seat] && aim[seat] === world.lastAim[seat]) continue;
    moved.player = seat;
    moved.x = x[seat];
    moved.y = y[seat];
    moved.aim = aim[seat];
    emit.move(moved);
  }
}
