/** `npm run check:game -- GAME.ts`: plays the games of a module at random, and reports their mistakes. */
import { existsSync } from "node:fs";
import type { Game } from "../../game/Game.ts";
import { GameFault } from "../../game/GameFault.ts";
import { checkRandomMatch } from "../../game/testing/checkRandomMatch.ts";
import { type RandomMatch, randomMatch } from "../../game/testing/randomMatch.ts";
import { asCalled } from "../../platform/commandLine/asCalled.ts";
import {
  type CommandArguments,
  defineUsage,
  readArguments,
  refusePositionals,
  usageError,
} from "../../platform/commandLine/CommandUsage.ts";
import type { Terminal } from "../../platform/commandLine/Terminal.ts";
import { loadGames } from "../loadGames.ts";

export const checkGameUsage = defineUsage({
  command: "npm run check:game",
  synopsis: "GAME.ts [--matches N] [--seed S] [--mode MODE] [--map MAP] [--tick-rate N]",
  about:
    "Checks the games that the module exports as games: first their declarations, as every start does, then each in matches with\n" +
    "random frames, joins and leaves over all modes and maps. It finds steps, bots, hashes and saves that are not deterministic or\n" +
    "lose state, and facts, results and synced values that do not fit their declaration.",
  options: {
    matches: { value: "N", fallback: "1000", about: "number of matches of each game" },
    seed: {
      value: "S",
      fallback: "1",
      about: "whole number; the seed of the first match, the next one has the next number",
    },
    mode: { value: "MODE", about: "only this mode" },
    map: { value: "MAP", about: "only this map" },
    "tick-rate": { value: "N", fallback: "20", about: "ticks per second" },
  },
  settings: [],
  exitCodes: { 0: "no mistake was found", 1: "a mistake was found", 2: "wrong arguments" },
  example: "game.ts --matches 100",
});

type Values = CommandArguments<typeof checkGameUsage.options>["values"];

/** After so many different mistakes, the rest of the matches is not played. */
const MISTAKES_MAX = 10;
/** Progress is shown so often. */
const SHOWN_PARTS = 4;

/** Resolves to the exit code. Throws `UsageError` for wrong arguments. */
export async function checkGameCommand(args: string[], { out, err }: Terminal): Promise<number> {
  const { values, positionals } = readArguments(checkGameUsage, args);
  const [file, ...rest] = positionals;
  if (file === undefined) throw usageError(checkGameUsage, "GAME.ts is missing");
  refusePositionals(checkGameUsage, rest);
  const numbers = readNumbers(values);
  if (!existsSync(file)) throw usageError(checkGameUsage, `there is no file ${file}`);
  let games: readonly Game[];
  try {
    games = await loadGames(file);
  } catch (error) {
    // The module is not the one of the setting.
    err(`${(error as Error).message.replace(/^GAMES: /, "")}\n`);
    return 1;
  }
  refuseUnknown(games, values);
  const found = games.map((game) => checkOne(game, file, values, numbers, { out, err }));
  return found.every((isSound) => isSound) ? 0 : 1;
}

interface Numbers {
  readonly matches: number;
  readonly seed: number;
  readonly tickRate: number;
}

function readNumbers(values: Values): Numbers {
  const read = (name: "matches" | "seed" | "tick-rate", min: number, max: number): number => {
    const number = Number(values[name]);
    if (!/^\d+$/.test(values[name]) || number < min || number > max)
      throw usageError(
        checkGameUsage,
        `invalid --${name} ${values[name]}: expected a whole number from ${min} to ${max}`,
      );
    return number;
  };
  return { matches: read("matches", 1, 1e9), seed: read("seed", 0, 1e15), tickRate: read("tick-rate", 1, 1000) };
}

/** A mode or map that no game has would check nothing. */
function refuseUnknown(games: readonly Game[], { mode, map }: Values): void {
  const modes = games.flatMap((game) => Object.keys(game.modes));
  const maps = games.flatMap((game) => game.maps);
  for (const [option, name, names] of [
    ["mode", mode, modes],
    ["map", map, maps],
  ] as const)
    if (name !== undefined && !names.includes(name))
      throw usageError(checkGameUsage, `invalid --${option} ${name}: expected one of ${names.join(", ")}`);
}

/** Returns whether no mistake was found. */
function checkOne(game: Game, file: string, values: Values, numbers: Numbers, { out, err }: Terminal): boolean {
  const { mode, map } = values;
  if (mode !== undefined && !Object.hasOwn(game.modes, mode)) return true;
  if (map !== undefined && !game.maps.includes(map)) return true;
  const { matches, seed, tickRate } = numbers;
  const mistakes = new Set<string>();
  let ticks = 0;
  let played = 0;
  for (; played < matches && mistakes.size < MISTAKES_MAX; played++) {
    const at = seed + played;
    const match = randomMatch(game, at, { mode, map, tickRate });
    try {
      ticks += checkRandomMatch(game, match, at);
    } catch (error) {
      if (!(error instanceof GameFault)) throw error;
      // One mistake appears at many ticks, in many matches.
      const kind = error.message.replace(/\d+/g, "0");
      if (!mistakes.has(kind)) err(`${error.message}; ${repeatOf(match, file, values, at)}\n`);
      mistakes.add(kind);
    }
    if (played > 0 && played % Math.ceil(matches / SHOWN_PARTS) === 0)
      err(`${game.name}: ${played} of ${matches} matches\n`);
  }
  const verdict =
    mistakes.size === 0 ? "no mistake" : mistakes.size === 1 ? "one mistake" : `${mistakes.size} mistakes`;
  out(`${game.name}: ${verdict} in ${played} matches with ${ticks} ticks\n`);
  return mistakes.size === 0;
}

function repeatOf({ setup: { mode, map } }: RandomMatch, file: string, values: Values, seed: number): string {
  const kept = (["mode", "map", "tick-rate"] as const)
    .filter((name) => values[name] !== undefined && (name !== "tick-rate" || values[name] !== "20"))
    .map((name) => ` --${name} ${values[name]}`);
  const command = asCalled(`npm run check:game -- ${file} --seed ${seed} --matches 1${kept.join("")}`);
  return `mode ${mode}, map ${map}; repeat it with ${command}`;
}
