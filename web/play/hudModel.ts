/** Owns the words and figures of the overlay: from the synced state to what `Hud` shows. */
import type { Room } from "@colyseus/sdk";
import { rules } from "../../src/arena/rules.ts";
import { coolingShare, roleRules } from "../arena.ts";
import type { HudModel } from "../hud/Hud.ts";
import { type ArenaState, type PlayerState, scoreRows, sideScores } from "./matchState.ts";

/** Without a patch for this long the figures are no longer true. */
const SILENCE_MS = 1500;

interface Circumstances {
  readonly connected: boolean;
  readonly wantsScores: boolean;
}

export function hudModel(room: Room<any, ArenaState>, own: PlayerState, now: Circumstances): HudModel {
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
    clock: state.phase === "playing" ? minutes(secondsUntil(state, state.endsAtTick)) : "–:––",
    goal: goal(state.mode),
    ...middle(state, own),
    netText: `${ping(room, now.connected)}\ntick ${tick} @ ${tickRate} Hz`,
    scores: now.wantsScores ? scoreRows(state, room.sessionId) : null,
  };
}

function middle(state: ArenaState, own: PlayerState): { readonly headline: string; readonly subline: string } {
  if (state.phase === "waiting")
    return { headline: "Waiting for others", subline: `${state.players.size} here. Bots take the places left empty.` };
  if (state.phase === "countdown") {
    const left = Math.ceil(secondsUntil(state, state.endsAtTick));
    return { headline: String(Math.max(1, left)), subline: goal(state.mode) };
  }
  if (state.phase === "ended") return { headline: "The match is over", subline: "" };
  if (own.alive) return { headline: "", subline: "" };
  if (own.respawnTick === 0) return { headline: "You are out", subline: "No lives left." };
  return { headline: "You fell", subline: `Back in ${secondsUntil(state, own.respawnTick).toFixed(1)} s` };
}

function ping({ clock }: Room, connected: boolean): string {
  if (!connected) return "connection lost";
  if (clock.serverNow() - clock.lastServerTime() > SILENCE_MS) return "no answer …";
  return `ping ${Math.round(clock.smoothedRtt())} ms`;
}

function goal(mode: string): string {
  const { lives = 0, scoreLimit = 0 } = rules.modes[mode] ?? {};
  if (lives > 0) return `${lives} lives each`;
  return scoreLimit > 0 ? `first to ${scoreLimit}` : "";
}

const secondsUntil = (state: ArenaState, tick: number): number =>
  Math.max(0, (tick - state.tick) / Math.max(1, state.tickRate));

function minutes(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
