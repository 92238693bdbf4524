/** Owns the questions that the page puts to the synced state. Reads only. */
import type { ArenaState, PlayerState } from "../../src/arena/ArenaState.ts";
import type { ScoreRow } from "../hud/scoreTable.ts";

export type { ArenaState, PlayerState };

export const isAlly = (own: PlayerState | undefined, other: PlayerState): boolean =>
  own !== undefined && own.team === other.team;

export const isFreeForAll = (state: ArenaState): boolean => state.teamScores.length > 2;

/** Score of the own side and of the best of the others. */
export function sideScores(state: ArenaState, ownTeam: number): { readonly ally: number; readonly enemy: number } {
  let enemy = 0;
  state.teamScores.forEach((score, team) => {
    if (team !== ownTeam) enemy = Math.max(enemy, score);
  });
  return { ally: state.teamScores[ownTeam] ?? 0, enemy };
}

export function scoreRows(state: ArenaState, ownId: string): ScoreRow[] {
  const own = state.players.get(ownId);
  const rows: ScoreRow[] = [];
  state.players.forEach((player, sessionId) => {
    const { name, role, bot, kills, deaths, score } = player;
    rows.push({ name, role, bot, kills, deaths, score, own: sessionId === ownId, ally: isAlly(own, player) });
  });
  return rows;
}

/** The player whom events call `playerId`, with the session id under which the state knows it. */
export function findPlayer(state: ArenaState, playerId: string): { id: string; player: PlayerState } | null {
  for (const [id, player] of state.players.entries()) if (player.playerId === playerId) return { id, player };
  return null;
}
