import { rules } from "../../src/arena/rules.ts";
import type { Outcome } from "../menu/result.ts";
import { texts } from "../texts.ts";
import { type ArenaState, isFreeForAll, scoreRows, sideScores } from "./matchState.ts";

/** `ownId`: session id of this page's player. `deadlineTick`: the tick at which time would have run out; 0 if unknown. */
export function outcomeOf(state: ArenaState, ownId: string, deadlineTick: number): Outcome {
  const rows = scoreRows(state, ownId);
  const own = state.players.get(ownId);
  const ownTeam = own?.team ?? 0;
  const known = { rows, matchId: state.matchId, playerId: own?.playerId ?? "" };
  const { ally, enemy } = sideScores(state, ownTeam);
  if (state.mode === "duel" && (!rows.some((row) => !row.own) || endedEarly(state, deadlineTick)))
    return { verdict: "victory", text: texts.result.opponentLeft, ...known };
  if (isFreeForAll(state)) {
    const better = state.teamScores.filter((score) => score > ally).length;
    const verdict = better > 0 ? "defeat" : ally === enemy ? "draw" : "victory";
    return { verdict, text: texts.result.placeOf(better + 1, state.teamScores.length, ally), ...known };
  }
  const verdict = ally > enemy ? "victory" : ally < enemy ? "defeat" : "draw";
  return { verdict, text: texts.result.kills(ally, enemy), ...known };
}

/** Whether neither time nor lives had run out. Then a player has left, and a bot may already have the seat. */
function endedEarly(state: ArenaState, deadlineTick: number): boolean {
  const lives = rules.modes[state.mode]?.lives ?? 0;
  const eliminated = [...state.players.values()].some(({ deaths }) => deaths >= lives);
  return state.endsAtTick < deadlineTick && !eliminated;
}
