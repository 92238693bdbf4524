/** The arena as a `Game`. Contains no rules; it only connects the files of this folder. */
import { defineGame } from "../game/defineGame.ts";
import { ArenaInput, inputFields } from "./ArenaInput.ts";
import { ArenaState, PlayerState } from "./ArenaState.ts";
import { think } from "./bots.ts";
import { events } from "./events.ts";
import { loadBots } from "./loadBots.ts";
import { maps } from "./maps.ts";
import { observationLength, observe, reward } from "./observe.ts";
import { pairingScore } from "./pairing.ts";
import { project } from "./project.ts";
import { result, status } from "./result.ts";
import { type ArenaRules, ROLE_NAMES, rules } from "./rules.ts";
import { sees } from "./sight.ts";
import { hash, load, save } from "./snapshot.ts";
import { step } from "./step.ts";
import { World } from "./World.ts";

const mapNames = Object.keys(maps) as [string, ...string[]];

export const arena = defineGame<World, ArenaRules, ArenaState, PlayerState, typeof events>({
  name: "arena",
  rules,
  roles: ROLE_NAMES,
  maps: mapNames,
  modes: rules.modes,
  Input: ArenaInput,
  inputFields,
  State: ArenaState,
  PlayerState,
  players: (state) => state.players,
  events,
  createWorld: (rules, setup, emit) => new World(rules, setup, emit),
  step,
  save,
  load,
  hash,
  status,
  result,
  project,
  sees,
  botId: "arena-2",
  think,
  observationLength,
  observe,
  reward,
  pairingScore,
  loadBots,
});
