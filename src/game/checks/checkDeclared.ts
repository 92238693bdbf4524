/** Checks what only declarations of games have, before anything is derived from it: members that contradict each other or are missing. */
import { checkName } from "./checkGame.ts";
import { checkInputRanges } from "./checkInput.ts";
import { checkModes } from "./checkModes.ts";
import { checkRules } from "./checkRules.ts";
import { checkWorld } from "./checkWorld.ts";
import { isFrom, isObject, notExpected, type Refuse, type Values } from "./refusal.ts";

/** Whether the fields of the game's world are declared. */
export const isDeclared = (game: Values): boolean => "world" in game;

/** Members that follow from the declaration of the world, or of the input. */
const DERIVED = ["createWorld", "save", "load", "hash", "status", "Input", "inputFields", "debugView"];
const NEED_WORLD = ["hidden", "start", "places"];
const SHOWN = ["State", "PlayerState", "players", "project"];
const FUNCTIONS = {
  step: "(world, inputs) => { … }",
  start: "(world, setup) => { … }",
  think: "(world, seat, input) => { … }",
  places: "(world) => placesByScore(world.seats.laps)",
  result: "(world) => { standings, teamScores }",
} as const;
const MS_MAX = 0x7fffffff;

export function checkDeclared(game: Values): void {
  const refuse = checkName(game.name);
  const some = SHOWN.find((member) => member in game);
  const lacking = SHOWN.find((member) => !(member in game));
  if (some !== undefined && lacking !== undefined)
    refuse(lacking, `is missing, but ${some} is there`, `write all of ${SHOWN.join(", ")}, or none of them`);
  if (isDeclared(game)) checkDeclaredWorld(refuse, game);
  else checkOwnWorld(refuse, game);
}

function checkOwnWorld(refuse: Refuse, game: Values): void {
  if (!("createWorld" in game))
    refuse(
      "world",
      "there is neither world nor createWorld",
      "declare the fields of the world, as in world: { seats: { x: i32, score: u16 } }, or write createWorld",
    );
  for (const member of NEED_WORLD)
    if (member in game) refuse(member, "has no meaning without world", "declare the world, or remove it");
  if ("input" in game && "Input" in game) refuse("input", "is there beside Input", "remove one of the two");
  if ("input" in game) checkInputRanges(refuse, game.input);
}

function checkDeclaredWorld(refuse: Refuse, game: Values): void {
  for (const member of DERIVED)
    if (member in game)
      refuse(
        member,
        "is there beside world and input, from which it follows",
        "remove it; or remove world, and write createWorld, step, save, load, hash, status and result",
      );
  for (const [member, example] of Object.entries(FUNCTIONS))
    if ((member === "step" || member in game) && typeof game[member] !== "function")
      refuse(member, notExpected(game[member], "a function"), `write it as in ${member}: ${example}`);
  if ("result" in game && "places" in game)
    refuse("places", "is there beside result, which contains the places", "remove one of the two");
  checkRules(refuse, game.rules);
  if ("modes" in (game.rules as Values))
    refuse("rules.modes", "belongs to the platform, which records the times of modes there", "rename it");
  checkInputRanges(refuse, game.input);
  checkWorld(refuse, game);
  checkTimes(refuse, game);
}

function checkTimes(refuse: Refuse, { modes, roles = ["player"], world }: Values): void {
  checkModes(refuse, modes, Array.isArray(roles) ? roles : []);
  const { seats = {} } = world as { readonly seats?: Values };
  for (const [name, mode] of Object.entries(modes as Readonly<Record<string, Values>>)) {
    const place = `modes.${name}`;
    if (!isFrom(mode.playMs, 1, MS_MAX))
      refuse(
        `${place}.playMs`,
        notExpected(mode.playMs, `a time from 1 to ${MS_MAX} ms`),
        "set it as in playMs: 180_000",
      );
    if (mode.countdownMs !== undefined && !isFrom(mode.countdownMs, 0, MS_MAX))
      refuse(
        `${place}.countdownMs`,
        notExpected(mode.countdownMs, `a time from 0 to ${MS_MAX} ms`),
        "set it as in countdownMs: 3000, or remove it",
      );
    if (mode.scoreLimit === undefined) continue;
    if (!isFrom(mode.scoreLimit, 1, MS_MAX))
      refuse(
        `${place}.scoreLimit`,
        notExpected(mode.scoreLimit, "a whole number from 1"),
        "set the points with which a team wins, or remove it",
      );
    if (!isObject(seats) || !("score" in seats))
      refuse(`${place}.scoreLimit`, "needs seats.score in world", "add score: u16 to the seats, or remove it");
  }
}
