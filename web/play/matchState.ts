/** Read-only queries on the synced state. */
import type { ArenaState, PlayerState } from "../../src/arena/ArenaState.ts";
import type { ScoreRow } from "../hud/scoreTable.ts";

export type { ArenaState, PlayerState };

export const isAlly = (own: PlayerState | undefined, other: PlayerState): boolean =>
  own !== undefined && own.team === other.team;

export const isFreeForAll = (state: ArenaState): boolean => state.teamScores.length > 2;

/** Scores of the own team and of the best other team. */
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

/** The player with this `playerId` (used in events), with the session id that is its key in the state. */
export function findPlayer(state: ArenaState, playerId: string): { id: string; player: PlayerState } | null {
  for (const [id, player] of state.players.entries()) if (player.playerId === playerId) return { id, player };
  return null;
}
