/** Completes the declaration of a game to a `Game`. A member that is there is never replaced, also if its value is undefined. */
import { checkDeclared, isDeclared } from "../checks/checkDeclared.ts";
import { isObject, type Values } from "../checks/refusal.ts";
import type { Game, WaitingPlayer } from "../Game.ts";
import type { TimedMode } from "./GameDeclaration.ts";
import { inputClass, inputFieldsOf } from "./input.ts";
import type { PlatformWorld } from "./PlatformWorld.ts";
import { resultOf } from "./result.ts";
import { stateClasses } from "./state.ts";
import { type AnyDeclared, worldMembers } from "./worldMembers.ts";
import { stateOfWorld } from "./worldState.ts";

/** Throws a `GameFault` if members contradict each other. Does not check the members themselves: `checkGame` does. */
export function completeGame(declared: unknown): unknown {
  if (!isObject(declared)) return declared;
  checkDeclared(declared);
  const hasWorld = isDeclared(declared);
  const members = hasWorld ? ofDeclaredWorld(declared as unknown as AnyDeclared) : ofOwnWorld(declared);
  const replaced = hasWorld ? REPLACED : [];
  const missing = Object.entries(members).filter(([name]) => !(name in declared) || replaced.includes(name));
  if (missing.length === 0) return declared;
  const kept = Object.entries(declared).filter(([name]) => !SHORT_ONLY.includes(name));
  return { ...Object.fromEntries(kept), ...Object.fromEntries(missing) };
}

/** Members that only declarations have. */
const SHORT_ONLY = ["input", "world", "hidden", "start", "places"];
/** Members of a declared game that a `Game` has in another form. */
const REPLACED = ["rules", "step", "think"];

/** Defaults that depend on nothing but the name and the rules. */
function common({ name, rules }: Values): Partial<Game> {
  const version = isObject(rules) ? rules.version : "";
  return {
    roles: ["player"],
    maps: ["main"],
    events: {},
    sees: () => true,
    botId: `${name}-${version}`,
    observationLength: 0,
    observe() {},
    reward: () => 0,
    pairingScore: (a: WaitingPlayer, b: WaitingPlayer) => Math.abs(a.rating - b.rating),
  };
}

function ofDeclaredWorld(game: AnyDeclared): Partial<Game> {
  const timed = Object.entries(game.modes).map(([name, mode]) => [name, timesIn(mode)]);
  return {
    ...common(game as unknown as Values),
    rules: { ...game.rules, modes: Object.fromEntries(timed) },
    Input: inputClass(game.name, game.input),
    inputFields: inputFieldsOf(game.input),
    ...stateOfWorld(game.name, game.world, game.hidden ?? []),
    result: (world: PlatformWorld) => resultOf(world, game.places?.(world)),
    ...worldMembers(game),
  };
}

/** What the clock needs of a mode. */
const timesIn = ({ onLeave, playMs, countdownMs, scoreLimit }: TimedMode): Partial<TimedMode> => ({
  ...{ onLeave, playMs },
  ...(countdownMs === undefined ? {} : { countdownMs }),
  ...(scoreLimit === undefined ? {} : { scoreLimit }),
});

function ofOwnWorld(declared: Values): Partial<Game> {
  const { name, modes, input, status } = declared as unknown as Game & { readonly input?: AnyDeclared["input"] };
  const shown = {
    ...stateClasses(name),
    project(world: unknown, state: any, playersBySeat: readonly any[]) {
      const { tick, phase, endsAtTick } = status(world);
      Object.assign(state, { tick, phase, endsAtTick });
      for (const [seat, player] of playersBySeat.entries())
        if (player !== null) Object.assign(player, { seat, team: modes[state.mode]?.teams[seat] ?? player.team });
    },
  };
  return {
    ...common(declared),
    ...(input === undefined ? {} : { Input: inputClass(name, input), inputFields: inputFieldsOf(input) }),
    ...("State" in declared ? {} : shown),
    think: (_, seat, frames) => frames.idle(seat),
  } as Partial<Game>;
}
