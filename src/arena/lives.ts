/**
 * Owns the beginning and the end of a life: placing a body, dying once, coming back. Scores of kills are counted here and
 * nowhere else.
 */
import { DEATH, deathWords, RESPAWNED, RESPAWNED_WORDS, seatSetWords } from "./facts.ts";
import { TICK, type World } from "./World.ts";

/** Reward for a kill and for being killed, beside the damage itself. */
const KILL_REWARD = 50;

/** Gives the seat a new body at its own starting place. */
export function placeAtStart(world: World, seat: number): void {
  place(world, seat, startOf(world, seat));
}

/** Index of the place where the seat starts: its team's places in order of the team's seats. */
export function startOf(world: World, seat: number): number {
  const { placesPerTeam, places } = world.court;
  const count = places.length >> 1;
  if (world.teams > 2) {
    const turns = count / placesPerTeam;
    return (seat % turns) * placesPerTeam + (Math.trunc(seat / turns) % placesPerTeam);
  }
  let among = 0;
  for (let other = 0; other < seat; other++) if (world.team[other] === world.team[seat]) among++;
  return world.team[seat] * placesPerTeam + (among % placesPerTeam);
}

function place(world: World, seat: number, at: number): void {
  const tick = world.globals[TICK];
  world.x[seat] = world.court.places[at * 2];
  world.y[seat] = world.court.places[at * 2 + 1];
  world.maxHp[seat] = world.rules.roles[world.role[seat]].hp;
  world.hp[seat] = world.maxHp[seat];
  world.alive[seat] = 1;
  world.bornTick[seat] = tick;
  world.respawnTick[seat] = 0;
  world.attackReadyTick[seat] = 0;
  world.healReadyTick[seat] = 0;
  world.protectedUntilTick[seat] = 0;
  world.killer[seat] = -1;
  world.killWeapon[seat] = -1;
  for (let other = 0; other < world.seats; other++) world.hurtTick[seat * world.seats + other] = 0;
}

/** Takes the body off the field without a death: nobody holds the seat. */
export function remove(world: World, seat: number): void {
  world.alive[seat] = 0;
  world.hp[seat] = 0;
  world.respawnTick[seat] = 0;
}

/** Brings back everyone whose time has come. */
export function respawnDue(world: World): void {
  const tick = world.globals[TICK];
  for (let seat = 0; seat < world.seats; seat++) {
    if (world.alive[seat] === 1 || world.respawnTick[seat] === 0 || world.respawnTick[seat] > tick) continue;
    place(world, seat, safestPlace(world, seat));
    world.protectedUntilTick[seat] = tick + world.tuning.protectionTicks;
    const at = world.facts.open(RESPAWNED, RESPAWNED_WORDS);
    const { words } = world.facts;
    words[at] = seat;
    words[at + 1] = world.x[seat];
    words[at + 2] = world.y[seat];
  }
}

/** The allowed place whose nearest living enemy is farthest. */
function safestPlace(world: World, seat: number): number {
  const { places, placesPerTeam, respawn } = world.court;
  const first = respawn === "own" ? world.team[seat] * placesPerTeam : 0;
  const end = respawn === "own" ? first + placesPerTeam : places.length >> 1;
  let best = first;
  let bestSquare = -1;
  for (let at = first; at < end; at++) {
    let square = 0x1_0000_0000;
    for (let other = 0; other < world.seats; other++) {
      if (world.team[other] === world.team[seat] || world.alive[other] === 0) continue;
      const dx = world.x[other] - places[at * 2];
      const dy = world.y[other] - places[at * 2 + 1];
      square = Math.min(square, dx * dx + dy * dy);
    }
    if (square > bestSquare) {
      best = at;
      bestSquare = square;
    }
  }
  return best;
}

/** Lets die, once each, all whose hp this tick's hits brought to 0. */
export function buryDead(world: World): void {
  for (let seat = 0; seat < world.seats; seat++) {
    if (world.alive[seat] === 1 && world.hp[seat] === 0) die(world, seat);
  }
}

function die(world: World, victim: number): void {
  const { seats, rules, tuning } = world;
  const tick = world.globals[TICK];
  const killer = world.killer[victim];
  world.alive[victim] = 0;
  world.deaths[victim]++;
  world.kills[killer]++;
  world.score[killer] += rules.score.kill;
  world.teamScores[world.team[killer]]++;
  world.reward[killer] += KILL_REWARD;
  world.reward[victim] -= KILL_REWARD;
  const out = world.mode.lives > 0 && world.deaths[victim] >= world.mode.lives;
  world.respawnTick[victim] = out ? 0 : tick + tuning.respawnTicks;

  const at = world.facts.open(DEATH, deathWords(seats));
  const { words } = world.facts;
  const after = at + 2 + seatSetWords(seats);
  words.fill(0, at + 2, after);
  for (let other = 0; other < seats; other++) {
    const hurtTick = world.hurtTick[victim * seats + other];
    if (other === killer || hurtTick === 0 || tick - hurtTick > tuning.assistTicks) continue;
    words[at + 2 + (other >> 5)] |= 1 << (other & 31);
    world.score[other] += rules.score.assist;
  }
  words[at] = victim;
  words[at + 1] = killer;
  words[after] = world.killWeapon[victim];
  words[after + 1] = world.x[victim];
  words[after + 2] = world.y[victim];
}
