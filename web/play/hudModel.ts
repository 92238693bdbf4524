/** Computes what the overlay shows from the synced state. */
import type { Room } from "@colyseus/sdk";
import { rules } from "../../src/arena/rules.ts";
import { coolingShare, roleRules } from "../arena.ts";
import type { HudModel } from "../hud/Hud.ts";
import { texts } from "../texts.ts";
import { type ArenaState, type PlayerState, scoreRows, sideScores } from "./matchState.ts";

/** Without a patch for this long, the connection figures are out of date. */
const SILENCE_MS = 1500;

interface HudOptions {
  /** Whether the queue found the match. Such a match has no bots. */
  readonly isRanked: boolean;
  readonly connected: boolean;
  readonly wantsScores: boolean;
}

export function hudModel(
  room: Room<any, ArenaState>,
  own: PlayerState,
  { isRanked, connected, wantsScores }: HudOptions,
): HudModel {
  const { state } = room;
  const { tick, tickRate } = state;
  const role = roleRules(own.role);
  const { ally, enemy } = sideScores(state, own.team);
  return {
    role: own.role,
    name: own.name,
    hp: own.hp,
    maxHp: own.maxHp,
    attackCooling: coolingShare(own.attackReadyTick, tick, role.weapon.cooldownMs, tickRate),
    healCooling: coolingShare(own.healReadyTick, tick, role.healCooldownMs, tickRate),
    allyScore: ally,
    enemyScore: enemy,
    clock: state.phase === "playing" ? minutes(secondsUntil(state, state.endsAtTick)) : texts.hud.noTime,
    goal: goal(state.mode),
    ...middle(state, own, isRanked),
    pingText: ping(room, connected),
    tickText: texts.hud.tick(tick, tickRate),
    scores: wantsScores ? scoreRows(state, room.sessionId) : null,
  };
}

function middle(
  state: ArenaState,
  own: PlayerState,
  isRanked: boolean,
): { readonly headline: string; readonly subline: string } {
  if (state.phase === "waiting")
    return { headline: texts.hud.waiting, subline: texts.hud.waitingDetail(state.players.size, isRanked) };
  if (state.phase === "countdown") {
    const left = Math.ceil(secondsUntil(state, state.endsAtTick));
    return { headline: String(Math.max(1, left)), subline: goal(state.mode) };
  }
  if (state.phase === "ended") return { headline: texts.hud.matchOver, subline: "" };
  if (own.alive) return { headline: "", subline: "" };
  if (own.respawnTick === 0) return { headline: texts.hud.eliminated, subline: texts.hud.eliminatedDetail };
  return { headline: texts.hud.died, subline: texts.hud.respawn(secondsUntil(state, own.respawnTick).toFixed(1)) };
}

function ping({ clock }: Room, connected: boolean): string {
  if (!connected) return texts.hud.connectionLost;
  if (clock.serverNow() - clock.lastServerTime() > SILENCE_MS) return texts.hud.noResponse;
  return texts.hud.ping(Math.round(clock.smoothedRtt()));
}

function goal(mode: string): string {
  const { lives = 0, scoreLimit = 0 } = rules.modes[mode] ?? {};
  if (lives > 0) return texts.hud.lives(lives);
  return scoreLimit > 0 ? texts.hud.scoreLimit(scoreLimit) : "";
}

const secondsUntil = (state: ArenaState, tick: number): number =>
  Math.max(0, (tick - state.tick) / Math.max(1, state.tickRate));

function minutes(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
