/** Owns the reading of an ended match: who won, in words. */
import type { Outcome } from "../menu/result.ts";
import { type ArenaState, isFreeForAll, scoreRows, sideScores } from "./matchState.ts";

/** `ownId` is the session id of this page's player. */
export function outcomeOf(state: ArenaState, ownId: string): Outcome {
  const rows = scoreRows(state, ownId);
  const own = state.players.get(ownId);
  const ownTeam = own?.team ?? 0;
  const known = { rows, matchId: state.matchId, playerId: own?.playerId ?? "" };
  const { ally, enemy } = sideScores(state, ownTeam);
  if (state.mode === "duel" && !rows.some((row) => !row.own))
    return { title: "Victory", text: "Your opponent left the match.", ...known };
  if (isFreeForAll(state)) {
    const better = state.teamScores.filter((score) => score > ally).length;
    const title = better > 0 ? "Defeat" : ally === enemy ? "Draw" : "Victory";
    return { title, text: `Place ${better + 1} of ${state.teamScores.length}, with ${ally} kills.`, ...known };
  }
  const title = ally > enemy ? "Victory" : ally < enemy ? "Defeat" : "Draw";
  return { title, text: `${ally} to ${enemy} kills.`, ...known };
}
