/**
 * Owns how a world is written into the synced state. Reads the world only. Writing an equal value costs nothing on the
 * wire, so it writes everything each tick and decides nothing.
 */
import { type ArenaState, OrbState, type PlayerState } from "./ArenaState.ts";
import { ORBS_PER_SEAT, PHASE, PHASE_END, PHASE_NAMES, TICK, type World } from "./World.ts";

export function project(world: World, state: ArenaState, playersBySeat: readonly (PlayerState | null)[]): void {
  state.tick = world.globals[TICK];
  state.phase = PHASE_NAMES[world.globals[PHASE]];
  state.endsAtTick = world.globals[PHASE_END];
  state.map = world.mapName;
  state.tickRate = world.tickRate;
  for (let team = 0; team < world.teams; team++) {
    if (state.teamScores.length <= team) state.teamScores.push(world.teamScores[team]);
    else if (state.teamScores[team] !== world.teamScores[team]) state.teamScores[team] = world.teamScores[team];
  }
  for (let seat = 0; seat < world.seats; seat++) {
    const player = playersBySeat[seat];
    if (player !== null && player !== undefined) projectPlayer(world, seat, player);
  }
  projectOrbs(world, state);
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
 * Frees the entries of orbs that burst, then gives the new ones free entries. Entries are never removed: new objects would
 * take new reference numbers, which grow on the wire.
 */
function projectOrbs(world: World, state: ArenaState): void {
  const { orbs } = state;
  for (let i = 0; i < orbs.length; i++) {
    const orb = orbs[i];
    if (orb.bornTick !== 0 && slotOf(world, orb) < 0) orb.bornTick = 0;
  }
  for (let slot = 0; slot < world.orbTick.length; slot++) {
    if (world.orbTick[slot] === 0 || isShown(world, state, slot)) continue;
    const orb = freeEntry(state);
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

function isShown(world: World, state: ArenaState, slot: number): boolean {
  const seat = seatOf(slot);
  for (let i = 0; i < state.orbs.length; i++) {
    if (state.orbs[i].seat === seat && state.orbs[i].bornTick === world.orbTick[slot]) return true;
  }
  return false;
}

function freeEntry(state: ArenaState): OrbState {
  for (let i = 0; i < state.orbs.length; i++) if (state.orbs[i].bornTick === 0) return state.orbs[i];
  const orb = new OrbState();
  state.orbs.push(orb);
  return orb;
}
