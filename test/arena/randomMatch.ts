/**
 * A match whose inputs depend only on a seed, so that it is the same on every engine. The QuickJS test bundles this file, so it
 * imports only code that runs without Node.
 */

import { think } from "../../src/arena/bots.ts";
import { rules } from "../../src/arena/rules.ts";
import { hash } from "../../src/arena/snapshot.ts";
import { step } from "../../src/arena/step.ts";
import { World } from "../../src/arena/World.ts";
import { BOT, Frames, NOBODY, PERSON } from "../../src/game/Frames.ts";
import { roll, seedGenerator } from "../../src/game/kit/random.ts";
import { aimAlong } from "../../src/game/kit/trig.ts";
import { noFacts } from "../../src/game/noFacts.ts";

export interface Driven {
  mode: string;
  tickRate: number;
  seed: number;
  ticks: number;
  /** Whether seat 0 is a bot. */
  bot: boolean;
}

/** Returns a description of a match: with the seed, mode and tick rate change in turn. */
export function drivenBy(seed: number, ticks: number): Driven {
  const modes = Object.keys(rules.modes);
  return { mode: modes[seed % 3], tickRate: [10, 20, 30, 60][seed % 4], seed, ticks, bot: seed % 5 === 0 };
}

/** Plays the match, and returns the hashes of its world every 50 ticks and at the end. */
export function hashesOf({ mode, tickRate, seed, ticks, bot }: Driven): string[] {
  const generator = new Int32Array(4);
  seedGenerator(generator, [seed, 2, 3, 4]);
  const { teams } = rules.modes[mode];
  const roster = teams.map((team, seat) => ({ seat, team, role: roll(generator, 4) }));
  const world = new World(rules, { mode, map: "cloister", tickRate, seed: hexOf(seed), roster }, noFacts);
  const frames = new Frames(teams.length, 4);
  frames.holder.fill(PERSON);
  for (const { seat, role } of roster) frames.role[seat] = role;
  if (bot) frames.holder[0] = BOT;
  const hashes: string[] = [];
  for (let tick = 1; tick <= ticks; tick++) {
    for (let seat = 0; seat < teams.length; seat++) drive(world, seat, frames, generator);
    if (bot) think(world, 0, frames);
    if (roll(generator, 200) === 0) frames.holder[teams.length - 1] = roll(generator, 5) === 0 ? NOBODY : PERSON;
    step(world, frames);
    if (tick % 50 === 0 || tick === ticks) hashes.push(hash(world));
  }
  return hashes;
}

const hexOf = (seed: number): string => (seed + 0x1000_0000).toString(16).repeat(4);

/** Changes behaviour from time to time: wanders, or runs at the next enemy and fires. */
function drive(world: World, seat: number, frames: Frames, generator: Int32Array): void {
  const row = seat * frames.width;
  const { values } = frames;
  const mood = roll(generator, 24);
  if (mood > 2) return;
  let enemy = (seat + 1 + roll(generator, world.seats - 1)) % world.seats;
  while (world.team[enemy] === world.team[seat]) enemy = (enemy + 1) % world.seats;
  const dx = world.x[enemy] - world.x[seat];
  const dy = world.y[enemy] - world.y[seat];
  const wanders = mood === 0;
  values[row] = wanders ? roll(generator, 256) - 128 : Math.max(-127, Math.min(127, dx));
  values[row + 1] = wanders ? roll(generator, 256) - 128 : Math.max(-127, Math.min(127, dy));
  values[row + 2] = wanders ? roll(generator, 65_536) : aimAlong(dx, dy);
  values[row + 3] = roll(generator, 4) | (mood === 2 ? 1 : 0);
  values[row + 4] = roll(generator, 12);
}
