/** Writes the world into the synced state. Every value is written every tick, because an unchanged value is not sent. */

import { PHASE_NAMES } from "../game/kit/clock.ts";
import { type ArenaState, OrbState, type PlayerState } from "./ArenaState.ts";
import { ORBS_PER_SEAT, type World } from "./World.ts";

/** Copies of the state's lists. Reading a synced list goes through a proxy, and would cost more than everything else here. */
interface ListCopies {
  readonly teamScores: number[];
  readonly orbs: OrbState[];
}

const copiesByState = new WeakMap<ArenaState, ListCopies>();

function copiesOf(state: ArenaState): ListCopies {
  let shown = copiesByState.get(state);
  if (shown === undefined) {
    shown = { teamScores: [...state.teamScores], orbs: [...state.orbs] };
    copiesByState.set(state, shown);
  }
  return shown;
}

/** Nothing else may write to the lists of the state, because this module keeps copies of them. */
export function project(world: World, state: ArenaState, playersBySeat: readonly (PlayerState | null)[]): void {
  state.tick = world.globals.tick;
  state.phase = PHASE_NAMES[world.globals.phase];
  state.endsAtTick = world.globals.phaseEnd;
  state.map = world.mapName;
  state.tickRate = world.tickRate;
  const shown = copiesOf(state);
  for (let team = 0; team < world.teams; team++) {
    const score = world.teamScores[team];
    if (shown.teamScores[team] === score) continue;
    if (shown.teamScores.length <= team) state.teamScores.push(score);
    else state.teamScores[team] = score;
    shown.teamScores[team] = score;
  }
  for (let seat = 0; seat < world.seats; seat++) {
    const player = playersBySeat[seat];
    if (player !== null && player !== undefined) projectPlayer(world, seat, player);
  }
  projectOrbs(world, state, shown.orbs);
}

function projectPlayer(world: World, seat: number, player: PlayerState): void {
  player.team = world.team[seat];
  player.role = world.role[seat];
  player.x = world.x[seat];
  player.y = world.y[seat];
  player.aim = world.aim[seat];
  player.hp = world.hp[seat];
  player.maxHp = world.maxHp[seat];
  player.alive = world.alive[seat] === 1;
  player.kills = world.kills[seat];
  player.deaths = world.deaths[seat];
  player.score = world.score[seat];
  player.seat = seat;
  player.attackReadyTick = world.attackReadyTick[seat];
  player.healReadyTick = world.healReadyTick[seat];
  player.respawnTick = world.respawnTick[seat];
  player.protectedUntilTick = world.protectedUntilTick[seat];
}

/**
 * Frees the list entries of orbs that have burst, then assigns free entries to new orbs. Entries are reused and never removed:
 * each new schema object gets a new reference id, and larger ids take more bytes on the wire.
 */
function projectOrbs(world: World, state: ArenaState, shown: OrbState[]): void {
  for (const orb of shown) {
    if (orb.bornTick !== 0 && slotOf(world, orb) < 0) orb.bornTick = 0;
  }
  for (let slot = 0; slot < world.orbTick.length; slot++) {
    if (world.orbTick[slot] === 0 || isShown(world, shown, slot)) continue;
    const orb = freeEntry(state, shown);
    orb.bornTick = world.orbTick[slot];
    orb.seat = seatOf(slot);
    orb.x = world.orbX[slot];
    orb.y = world.orbY[slot];
    orb.stepX = world.orbStepX[slot];
    orb.stepY = world.orbStepY[slot];
  }
}

const seatOf = (slot: number): number => Math.trunc(slot / ORBS_PER_SEAT);

function slotOf(world: World, orb: OrbState): number {
  const first = orb.seat * ORBS_PER_SEAT;
  for (let slot = first; slot < first + ORBS_PER_SEAT; slot++) if (world.orbTick[slot] === orb.bornTick) return slot;
  return -1;
}

function isShown(world: World, shown: readonly OrbState[], slot: number): boolean {
  const seat = seatOf(slot);
  for (const orb of shown) {
    if (orb.seat === seat && orb.bornTick === world.orbTick[slot]) return true;
  }
  return false;
}

function freeEntry(state: ArenaState, shown: OrbState[]): OrbState {
  for (const orb of shown) if (orb.bornTick === 0) return orb;
  const orb = new OrbState();
  state.orbs.push(orb);
  shown.push(orb);
  return orb;
}
