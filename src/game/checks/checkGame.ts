/**
 * Checks the declaration of a game before anything uses it. A game may have been written without types, so nothing is assumed
 * about any value.
 */
import { checkEvents } from "./checkEvents.ts";
import { checkInput } from "./checkInput.ts";
import { checkModes } from "./checkModes.ts";
import { checkRules } from "./checkRules.ts";
import { checkState } from "./checkState.ts";
import {
  checkNames,
  isFrom,
  isLowerName,
  isObject,
  isText,
  LOWER_NAME,
  notExpected,
  type Refuse,
  refuseIn,
  type Values,
} from "./refusal.ts";
import { ROOM_NAMES } from "./takenNames.ts";

/** How each function of a game is called. */
const FUNCTIONS = {
  players: "(state) => state.players",
  createWorld: "(rules, setup, emit) => world",
  step: "(world, frames) => { … }",
  save: "(world) => bytes",
  load: "(rules, bytes, emit) => world",
  hash: "(world) => 16 hex digits",
  status: "(world) => { tick, phase, endsAtTick, endReason }",
  result: "(world) => { standings, teamScores }",
  project: "(world, state, playersBySeat) => { … }",
  sees: "(world, seat, other) => true",
  think: "(world, seat, frames) => { … }",
  observe: "(world, seat, out) => { … }",
  reward: "(world, seat) => 0",
  pairingScore: "(a, b) => Math.abs(a.rating - b.rating)",
} as const;

/** Greatest number of roles and seats: they are stored as bytes. */
const ROLES_MAX = 255;
const MAPS_MAX = 1000;
const OBSERVATION_MAX = 1 << 20;

/**
 * Throws a `GameFault` at the first mistake. It names the game, the place in the declaration, what was expected and what to do.
 */
export function checkGame(game: unknown): void {
  const unnamed: Refuse = refuseIn("a game");
  if (!isObject(game)) unnamed("defineGame", notExpected(game, "an object"), "pass { name, rules, … }");
  const refuse = checkName(game.name);
  checkFunctions(refuse, game);
  checkRules(refuse, game.rules);
  checkNames(refuse, "roles", game.roles, ROLES_MAX, '["runner"]');
  checkNames(refuse, "maps", game.maps, MAPS_MAX, '["yard"]');
  checkModes(refuse, game.modes, game.roles as readonly string[]);
  checkState(refuse, game);
  checkInput(refuse, game);
  checkEvents(refuse, game.events);
  if (!isText(game.botId))
    refuse("botId", notExpected(game.botId, "the name and version of the bots"), 'set it as in botId: "tag-1"');
  if (!isFrom(game.observationLength, 0, OBSERVATION_MAX))
    refuse(
      "observationLength",
      notExpected(game.observationLength, `a whole number from 0 to ${OBSERVATION_MAX}`),
      "set it to the number of integers that observe writes",
    );
}

/** Returns how to refuse this game. */
export function checkName(name: unknown): Refuse {
  const shown = typeof name === "string" ? `game ${JSON.stringify(name)}` : "a game without a name";
  const refuse: Refuse = refuseIn(shown);
  if (!isLowerName(name) || name in Object.prototype)
    refuse("name", notExpected(name, LOWER_NAME), 'rename the game, as in name: "capture_flag"');
  if (ROOM_NAMES.includes(name))
    refuse("name", `the platform has a room of this name: ${ROOM_NAMES.join(", ")} are taken`, "rename the game");
  return refuseIn(name);
}

function checkFunctions(refuse: Refuse, game: Values): void {
  for (const [member, example] of Object.entries(FUNCTIONS))
    if (typeof game[member] !== "function")
      refuse(member, notExpected(game[member], "a function"), `write it as in ${member}: ${example}`);
}
