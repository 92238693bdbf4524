/** Spawn, death and respawn. Only this file counts kills and their scores. */
import { indexInTeam, safestPoint } from "../game/kit/spawning.ts";
import { WEAPON_NAMES } from "./rules.ts";
import type { World } from "./World.ts";

/** Reward for a kill, and penalty for a death, in addition to the damage. */
const KILL_REWARD = 50;

/** Spawns the seat at its start position. */
export function spawnAtStart(world: World, seat: number): void {
  spawnAt(world, seat, startSpawnOf(world, seat));
}

/** Returns the index of the spawn point at which the seat starts: the seats of a team use the team's spawn points in order. */
function startSpawnOf(world: World, seat: number): number {
  const { spawnsPerTeam, spawns } = world.geometry;
  const count = spawns.length >> 1;
  if (world.teams > 2) {
    const turns = count / spawnsPerTeam;
    return (seat % turns) * spawnsPerTeam + (Math.trunc(seat / turns) % spawnsPerTeam);
  }
  return world.team[seat] * spawnsPerTeam + (indexInTeam(world.team, seat) % spawnsPerTeam);
}

function spawnAt(world: World, seat: number, at: number): void {
  const tick = world.globals.tick;
  world.x[seat] = world.geometry.spawns[at * 2];
  world.y[seat] = world.geometry.spawns[at * 2 + 1];
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

/** Removes the body of a seat that nobody holds. This does not count as a death. */
export function removeBody(world: World, seat: number): void {
  world.alive[seat] = 0;
  world.hp[seat] = 0;
  world.respawnTick[seat] = 0;
}

/** Respawns every player whose respawn tick has come. */
export function respawnDue(world: World): void {
  const tick = world.globals.tick;
  for (let seat = 0; seat < world.seats; seat++) {
    if (world.alive[seat] === 1 || world.respawnTick[seat] === 0 || world.respawnTick[seat] > tick) continue;
    spawnAt(world, seat, safestSpawn(world, seat));
    world.protectedUntilTick[seat] = tick + world.tickRules.protectionTicks;
    world.emit.respawned({ player: seat, x: world.x[seat], y: world.y[seat] });
  }
}

/** Returns the permitted spawn point whose nearest living enemy is farthest away. */
function safestSpawn(world: World, seat: number): number {
  const { spawns, spawnsPerTeam, respawn } = world.geometry;
  const first = respawn === "own" ? world.team[seat] * spawnsPerTeam : 0;
  const end = respawn === "own" ? first + spawnsPerTeam : spawns.length >> 1;
  const isEnemy = (other: number): boolean => world.team[other] !== world.team[seat] && world.alive[other] === 1;
  return safestPoint(spawns, first, end, world.x, world.y, isEnemy);
}

/** Counts exactly one death for each player whose hp reached 0 in this tick. */
export function countDeaths(world: World): void {
  for (let seat = 0; seat < world.seats; seat++) {
    if (world.alive[seat] === 1 && world.hp[seat] === 0) die(world, seat);
  }
}

function die(world: World, victim: number): void {
  const { seats, rules, tickRules } = world;
  const tick = world.globals.tick;
  const killer = world.killer[victim];
  world.alive[victim] = 0;
  world.deaths[victim]++;
  world.kills[killer]++;
  world.score[killer] += rules.score.kill;
  world.teamScores[world.team[killer]]++;
  world.reward[killer] += KILL_REWARD;
  world.reward[victim] -= KILL_REWARD;
  const isOutOfLives = world.mode.lives > 0 && world.deaths[victim] >= world.mode.lives;
  world.respawnTick[victim] = isOutOfLives ? 0 : tick + tickRules.respawnTicks;

  const assists: number[] = [];
  for (let other = 0; other < seats; other++) {
    const hurtTick = world.hurtTick[victim * seats + other];
    if (other === killer || hurtTick === 0 || tick - hurtTick > tickRules.assistTicks) continue;
    assists.push(other);
    world.score[other] += rules.score.assist;
  }
  const weapon = WEAPON_NAMES[world.killWeapon[victim]];
  world.emit.death({ victim, killer, assists, weapon, x: world.x[victim], y: world.y[victim] });
}
