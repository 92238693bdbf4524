/** Owns what a party's code looks like, how one begins, and who may play together. */
import { randomInt } from "node:crypto";
import type { PartySnapshot } from "../../schema/partySnapshot.ts";
import type { Game } from "../../src/game/Game.ts";
import type { Parties } from "../../src/matchmaking/parties/Parties.ts";

/** Without 0, 1, I and O. */
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const CODE_LENGTH = 8;

const newPartyCode = (): string =>
  Array.from({ length: CODE_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join("");

/** A party of nobody yet under a code that is free; null where none could be had. */
export async function createParty(parties: Parties, processId: string): Promise<PartySnapshot | null> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const party = { code: newPartyCode(), processId, leader: "", kicked: [], wait: null };
    if (await parties.create(party)) return party;
  }
  return null;
}

/** Places of the largest team of a mode: how many can queue together. */
export function largestTeamSize(game: Game, mode: string): number {
  const sizes = Map.groupBy(game.modes[mode].teams, (team) => team).values();
  return Math.max(...[...sizes].map((seats) => seats.length));
}

/** Members that any mode lets play together. */
export function largestPartySize(game: Game): number {
  return Math.max(...Object.keys(game.modes).map((mode) => largestTeamSize(game, mode)));
}

/** Whether one team of a mode takes all of these with the roles that they wish. */
export function fitsRoles(game: Game, mode: string, players: readonly { readonly role: number | null }[]): boolean {
  const { roleMax } = game.modes[mode];
  const requested = (role: number) => players.filter((player) => player.role === role).length;
  return roleMax === undefined || roleMax.every((most, role) => requested(role) <= most);
}
