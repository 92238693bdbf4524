/** The rules converted to one tick rate: times in ticks, speeds in subunits per tick. Derived from the rules, never saved. */
import { ticksIn } from "../game/kit/clock.ts";
import { strideOf } from "../game/kit/movement.ts";
import type { ArenaMode, ArenaRules } from "./rules.ts";

export interface TickRules {
  readonly countdownTicks: number;
  readonly timeLimitTicks: number;
  readonly respawnTicks: number;
  readonly protectionTicks: number;
  readonly assistTicks: number;
  readonly rewindMaxTicks: number;
  /** For how many ticks the world keeps positions: the current tick, and the ticks to which a shot can rewind. */
  readonly historyTicks: number;
  readonly orbStride: number;
  readonly orbLifeTicks: number;
  /** By role. */
  readonly strides: readonly number[];
  readonly attackTicks: readonly number[];
  readonly healTicks: readonly number[];
}

const ORB_WEAPON = 1;

const rewindMaxTicksOf = (rules: ArenaRules, tickRate: number): number =>
  Math.trunc((rules.rewindMaxMs * tickRate) / 1000);

export const historyTicksOf = (rules: ArenaRules, tickRate: number): number => rewindMaxTicksOf(rules, tickRate) + 1;

export function toTickRules(rules: ArenaRules, mode: ArenaMode, tickRate: number): TickRules {
  if (!Number.isInteger(tickRate) || tickRate < 1 || tickRate > 240)
    throw new Error(`invalid tick rate ${tickRate}: expected a whole number from 1 to 240`);
  const ticks = (ms: number): number => ticksIn(ms, tickRate);
  const rewindMaxTicks = rewindMaxTicksOf(rules, tickRate);
  const orbStride = strideOf(rules.orb.speed, tickRate);
  const orbLifeTicks = Math.trunc((rules.roles[ORB_WEAPON].weapon.range + orbStride - 1) / orbStride);
  const attackTicks = rules.roles.map((role) => Math.max(1, ticks(role.weapon.cooldownMs)));
  if (orbLifeTicks >= 2 * attackTicks[ORB_WEAPON])
    throw new Error(
      "invalid orb rules: an orb must fly for less than two cooldowns, because the world keeps two orbs per seat",
    );
  return {
    countdownTicks: ticks(mode.countdownMs),
    timeLimitTicks: ticks(mode.timeLimitMs),
    respawnTicks: Math.max(1, ticks(rules.respawnMs)),
    protectionTicks: ticks(rules.protectionMs),
    assistTicks: ticks(rules.assistMs),
    rewindMaxTicks,
    historyTicks: historyTicksOf(rules, tickRate),
    orbStride,
    orbLifeTicks,
    strides: rules.roles.map((role) => strideOf(role.speed, tickRate)),
    attackTicks,
    healTicks: rules.roles.map((role) => Math.max(1, ticks(role.healCooldownMs))),
  };
}
