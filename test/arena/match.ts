/** Creates worlds and frames for the tests of the arena, using only the simulation's own functions. */

import { events } from "../../src/arena/events.ts";
import { maps } from "../../src/arena/maps.ts";
import { type ArenaRules, rules as arenaRules } from "../../src/arena/rules.ts";
import { step as arenaStep } from "../../src/arena/step.ts";
import { World } from "../../src/arena/World.ts";
import { wordsOf } from "../../src/game/events.ts";
import { FactWriter } from "../../src/game/FactWriter.ts";
import { Frames, PERSON } from "../../src/game/Frames.ts";
import { ENDED, PLAYING } from "../../src/game/kit/clock.ts";

export const mapNames = Object.keys(maps);
export const SEED = "00112233445566778899aabbccddeeff";

export interface Options {
  mode?: string;
  tickRate?: number;
  seed?: string;
  /** By seat; default ranger. */
  roles?: readonly number[];
  rules?: ArenaRules;
}

export interface Match {
  world: World;
  frames: Frames;
}

export function newMatch({
  mode = "duel",
  tickRate = 20,
  seed = SEED,
  roles = [],
  rules = arenaRules,
}: Options): Match {
  const { teams } = rules.modes[mode];
  const roster = teams.map((team, seat) => ({ seat, team, role: roles[seat] ?? 0 }));
  const writer = new FactWriter("arena", events, teams.length);
  const world = new World(rules, { mode, map: mapNames[0], tickRate, seed, roster }, writer.emit);
  writers.set(world, writer);
  const frames = new Frames(teams.length, 4);
  for (let seat = 0; seat < teams.length; seat++) frames.role[seat] = roles[seat] ?? 0;
  return { world, frames };
}

const writers = new WeakMap<World, FactWriter>();

/** Steps a world of `newMatch`, or a loaded one, whose facts are dropped. Throws if a fact does not fit its declaration. */
export function step(world: World, frames: Frames): void {
  const writer = writers.get(world);
  writer?.begin();
  arenaStep(world, frames);
  writer?.end();
}

/** Returns a match with a player in each seat that has just entered the phase `playing`. */
export function playingMatch(options: Options): Match {
  const match = newMatch(options);
  match.frames.holder.fill(PERSON);
  while (match.world.globals.phase < PLAYING) step(match.world, match.frames);
  return match;
}

export interface Input {
  moveX?: number;
  moveY?: number;
  aim?: number;
  buttons?: number;
  rewindTicks?: number;
}

/** Sets the row of one seat; missing fields are 0. */
export function input(
  frames: Frames,
  seat: number,
  { moveX = 0, moveY = 0, aim = 0, buttons = 0, rewindTicks = 0 }: Input,
) {
  frames.values.set([moveX, moveY, aim, buttons, rewindTicks], seat * frames.width);
}

/** Moves a body to a position, now and in the whole history. */
export function put(world: World, seat: number, x: number, y: number): void {
  world.x[seat] = x;
  world.y[seat] = y;
  for (let at = seat; at < world.historyX.length; at += world.seats) {
    world.historyX[at] = x;
    world.historyY[at] = y;
  }
}

type Kind = keyof typeof events;

export interface RawFact {
  kind: Kind;
  words: number[];
}

/** Returns the facts of the last step, split by their declared lengths. Throws if they do not fill the buffer exactly. */
export function factsOf(world: World): RawFact[] {
  const kinds = Object.keys(events) as Kind[];
  const { words, length, count } = writers.get(world)!.facts;
  const facts: RawFact[] = [];
  let at = 0;
  while (at < length) {
    const kind = kinds[words[at]];
    const end = at + 1 + wordsOf(events[kind], world.seats);
    facts.push({ kind, words: Array.from(words.subarray(at + 1, end)) });
    at = end;
  }
  if (at !== length || facts.length !== count) throw new Error(`facts fill ${at} of ${length} words, count ${count}`);
  return facts;
}

export const factsOfKind = (world: World, kind: Kind): number[][] =>
  factsOf(world)
    .filter((fact) => fact.kind === kind)
    .map((fact) => fact.words);

export const hasEnded = (world: World): boolean => world.globals.phase === ENDED;

/** Returns a changed copy of the rules, with the version `test`. */
export function changedRules(change: (draft: any) => void): ArenaRules {
  const draft = structuredClone(arenaRules) as any;
  draft.version = "test";
  change(draft);
  return draft;
}

/** Returns a seed: `n`, scrambled, as eight hex digits that are repeated four times. */
export const seedOf = (n: number): string => ((n * 2654435761) >>> 0).toString(16).padStart(8, "0").repeat(4);
