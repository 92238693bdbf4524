/** The members of a game that follow from the declaration of its world: the world itself, and a step with clock and holders. */
import type { Emit } from "../emit.ts";
import { type Frames, NOBODY, PERSON } from "../Frames.ts";
import type { Game, MatchSetup } from "../Game.ts";
import {
  advancePhase,
  BY_ABANDON,
  BY_SCORE,
  BY_TIME,
  endMatch,
  isTimeUp,
  PLAYING,
  ticksIn,
  writeStatus,
} from "../kit/clock.ts";
import { noise, seedGenerator, seedWords } from "../kit/random.ts";
import { defineWorld } from "../world/defineWorld.ts";
import type { DeclaredGame, TimedMode } from "./GameDeclaration.ts";
import { type InputDeclaration, inputReader } from "./input.ts";
import type { PlatformWorld } from "./PlatformWorld.ts";
import { globalFields, seatFields } from "./platformFields.ts";
import { teamScoresOf } from "./result.ts";

export type AnyDeclared = DeclaredGame<any, any, InputDeclaration, any, any>;

const COUNTDOWN_MS = 3000;
/** Bots that move at random keep an input for about this time. */
const BOT_CHANGE_MS = 500;

/** Returns the members. A world without `score` has no reward. */
export function worldMembers(
  game: AnyDeclared,
): Pick<Game, "createWorld" | "step" | "save" | "load" | "hash" | "status" | "think" | "reward" | "debugView"> {
  const { globals, seats, lists, pools } = game.world;
  const type = defineWorld({
    ...{ globals: { ...globalFields, ...globals }, seats: { ...seatFields, ...seats } },
    ...{ lists: lists ?? {}, pools: pools ?? {} },
  });
  const inputsOf = inputReader(Object.keys(game.input));
  return {
    createWorld(rules, setup: MatchSetup, emit: Emit<any>) {
      const world = type.create(rules, setup, emit) as any;
      timesOf(world);
      const words = seedWords(setup.seed);
      seedGenerator(world.globals.generator, words);
      world.globals.botKey = noiseKey(words);
      game.start?.(world, setup);
      return world;
    },
    step: (world, frames) => stepMatch(game, world, frames, inputsOf),
    save: type.save,
    load: (rules, bytes, emit) => type.load(rules, bytes, emit),
    hash: type.hash,
    status: (world) =>
      writeStatus(world.globals, { tick: 0, phase: "waiting", endsAtTick: 0, endReason: null }, game.endReasons),
    think(world, seat, frames) {
      const input = inputsOf(frames)[seat];
      input.rewindTicks = 0;
      if (game.think === undefined) moveAtRandom(game.input, world, seat, input);
      else return game.think(world, seat, input as never);
    },
    reward: (world, seat) => world.seats.gained[seat],
    debugView: type.debugView,
  };
}

function stepMatch(game: AnyDeclared, world: PlatformWorld, frames: Frames, inputsOf: ReturnType<typeof inputReader>) {
  const { globals, seats } = world;
  const times = timesOf(world);
  globals.tick++;
  const isFull = takeHolders(world, frames, times.onLeave);
  const { countdownMs = COUNTDOWN_MS, playMs, scoreLimit } = times;
  advancePhase(globals, isFull, ticksIn(countdownMs, world.tickRate), ticksIn(playMs, world.tickRate));
  const { score, gained } = seats;
  for (let seat = 0; seat < gained.length; seat++) gained[seat] = 0;
  if (globals.phase !== PLAYING) return;
  if (score !== undefined) for (let seat = 0; seat < gained.length; seat++) gained[seat] = -score[seat];
  const returned: unknown = game.step(world, inputsOf(frames), frames);
  if (score !== undefined) for (let seat = 0; seat < gained.length; seat++) gained[seat] += score[seat];
  if (globals.phase === PLAYING) {
    if (scoreLimit !== undefined && Math.max(...teamScoresOf(world)) >= scoreLimit) endMatch(globals, BY_SCORE);
    else if (isTimeUp(globals)) endMatch(globals, BY_TIME);
  }
  return returned as undefined;
}

/** Keeps the holders, and ends a match that a player left if its mode says so. Returns whether each seat has a holder. */
function takeHolders({ globals, seats }: PlatformWorld, frames: Frames, onLeave: TimedMode["onLeave"]): boolean {
  let isFull = true;
  for (let seat = 0; seat < frames.seats; seat++) {
    const holder = frames.holder[seat];
    if (holder === NOBODY) isFull = false;
    if (globals.phase < PLAYING) seats.role[seat] = frames.role[seat];
    else if (globals.phase === PLAYING && onLeave === "end" && seats.holder[seat] === PERSON && holder !== PERSON)
      seats.gaveUp[seat] = 1;
    seats.holder[seat] = holder;
  }
  for (let seat = 0; seat < frames.seats; seat++)
    if (globals.phase === PLAYING && seats.gaveUp[seat] === 1) endMatch(globals, BY_ABANDON);
  return isFull;
}

/** The times of the match's mode, from the rules, which are recorded with the match. */
function timesOf({ rules, mode }: PlatformWorld): TimedMode {
  const times = Object.hasOwn(rules.modes ?? {}, mode) ? rules.modes[mode] : undefined;
  if (times === undefined)
    throw new Error(
      `rules.modes has no mode ${JSON.stringify(mode)}: pass all modes to defineGame, which records them`,
    );
  return times;
}

const noiseKey = (words: readonly number[]): number =>
  words.reduce((key, word) => Math.imul(key ^ word, 0x01000193), 0);

function moveAtRandom(input: InputDeclaration, world: PlatformWorld, seat: number, row: Record<string, number>): void {
  const since = Math.trunc(world.globals.tick / ticksIn(BOT_CHANGE_MS, world.tickRate));
  for (const [at, [name, { min, max }]] of Object.entries(input).entries()) {
    const values = Math.min(max - min + 1, 0x10000);
    row[name] = min + noise(world.globals.botKey + at, seat, since, values);
  }
}
