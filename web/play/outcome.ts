/** Owns the reading of an ended match: who won, in words. */
import { rules } from "../../src/arena/rules.ts";
import type { Outcome } from "../menu/result.ts";
import { type ArenaState, isFreeForAll, scoreRows, sideScores } from "./matchState.ts";

/** `ownId` is the session id of this page's player, `deadlineTick` when time would have run out; 0 where not known. */
export function outcomeOf(state: ArenaState, ownId: string, deadlineTick: number): Outcome {
  const rows = scoreRows(state, ownId);
  const own = state.players.get(ownId);
  const ownTeam = own?.team ?? 0;
  const known = { rows, matchId: state.matchId, playerId: own?.playerId ?? "" };
  const { ally, enemy } = sideScores(state, ownTeam);
  if (state.mode === "duel" && (!rows.some((row) => !row.own) || endedEarly(state, deadlineTick)))
    return { title: "Victory", text: "Your opponent left the match.", ...known };
  if (isFreeForAll(state)) {
    const better = state.teamScores.filter((score) => score > ally).length;
    const title = better > 0 ? "Defeat" : ally === enemy ? "Draw" : "Victory";
    return { title, text: `Place ${better + 1} of ${state.teamScores.length}, with ${ally} kills.`, ...known };
  }
  const title = ally > enemy ? "Victory" : ally < enemy ? "Defeat" : "Draw";
  return { title, text: `${ally} to ${enemy} kills.`, ...known };
}

/** Whether neither time nor lives had run out: then somebody gave up, and a bot may sit there already. */
function endedEarly(state: ArenaState, deadlineTick: number): boolean {
  const lives = rules.modes[state.mode]?.lives ?? 0;
  const eliminated = [...state.players.values()].some(({ deaths }) => deaths >= lives);
  return state.endsAtTick < deadlineTick && !eliminated;
}
