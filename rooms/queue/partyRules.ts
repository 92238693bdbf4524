/** Creates parties, and decides which players are allowed to queue together. */
import type { PartySnapshot } from "../../schema/partySnapshot.ts";
import type { Game } from "../../src/game/Game.ts";
import type { Parties } from "../../src/matchmaking/parties/Parties.ts";
import { takeCode } from "../roomCode.ts";

/** Creates a party without members, with an unused code. Resolves to null if five codes in a row were in use. */
export function createParty(parties: Parties, processId: string, game?: string): Promise<PartySnapshot | null> {
  return takeCode(async (code) => {
    const party = { code, game, processId, leader: "", kicked: [], wait: null };
    return (await parties.create(party)) ? party : null;
  });
}

/** Returns how many players can queue together in a mode. */
export function largestTeamSize(game: Game, mode: string): number {
  const sizes = Map.groupBy(game.modes[mode].teams, (team) => team).values();
  return Math.max(...[...sizes].map((seats) => seats.length));
}

/** Returns how many members a party can have: as many as can queue together in the mode with the largest teams. */
export function largestPartySize(game: Game): number {
  return Math.max(...Object.keys(game.modes).map((mode) => largestTeamSize(game, mode)));
}

/** Whether the requested roles of these players fit into one team of a mode. */
export function fitsRoles(game: Game, mode: string, players: readonly { readonly role: number | null }[]): boolean {
  const { roleMax } = game.modes[mode];
  const countOf = (role: number) => players.filter((player) => player.role === role).length;
  return roleMax === undefined || roleMax.every((max, role) => countOf(role) <= max);
}
