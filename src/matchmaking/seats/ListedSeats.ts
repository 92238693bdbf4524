/**
 * Finds a player's seats through the room listings, which contain the players of each room. A listing may be outdated, so the
 * room itself is asked, and a process that does not answer is checked, as the framework does.
 */
import { matchMaker } from "@colyseus/core";
import type { RefusalName } from "../../../schema/codes.ts";
import type { AdmittedOptions } from "../../../schema/joinOptions.ts";
import type { SeatReservation } from "../../../schema/queueRequests.ts";
import type { SeatedListing, SeatQueries } from "../roomDriver/roomIndex.ts";
import type { MatchRoomMethods, PlayerSeats, SeatedMatch } from "./PlayerSeats.ts";

export class ListedSeats implements PlayerSeats {
  readonly #listings: SeatQueries;

  constructor(listings: SeatQueries) {
    this.#listings = listings;
  }

  async find(playerId: string): Promise<readonly SeatedMatch[]> {
    return (await this.#heldBy(playerId)).map(matchOf);
  }

  async keepOldest(playerId: string): Promise<void> {
    const listings = (await this.#heldBy(playerId)).filter((listing) => matchOf(listing).isOpen);
    await Promise.all(listings.slice(1).map((listing) => ask(listing, "releaseSeat", [playerId])));
  }

  async reserve(roomId: string, playerId: string): Promise<SeatReservation | null> {
    const listing = await matchMaker.getRoomById(roomId);
    const sessionId = listing === undefined ? null : await ask(listing, "reserveReturn", [playerId]);
    return sessionId === null ? null : (matchMaker.buildSeatReservation(listing!, sessionId) as SeatReservation);
  }

  /** Reserves a place to watch the match of a room. Resolves to the name of the refusal if the room refuses it. */
  async reserveSpectator(
    roomId: string,
    options: AdmittedOptions,
    player: { readonly playerId: string },
  ): Promise<SeatReservation | RefusalName> {
    const listing = await matchMaker.getRoomById(roomId);
    const answer = listing === undefined ? null : await ask(listing, "reserveSpectator", [options, player]);
    if (answer === null) return "MATCH_ENDED";
    if ("refusal" in answer) return answer.refusal;
    return matchMaker.buildSeatReservation(listing!, answer.sessionId) as SeatReservation;
  }

  async #heldBy(playerId: string): Promise<SeatedListing[]> {
    const listings = await this.#listings.roomsOf(playerId);
    const held = await Promise.all(listings.map((listing) => ask(listing, "holdsSeat", [playerId])));
    return listings.filter((_, at) => held[at] === true);
  }
}

const matchOf = ({ name, roomId, metadata: { mode, rulesVersion, band } }: SeatedListing): SeatedMatch => ({
  ...{ game: name, mode, roomId, rulesVersion },
  isOpen: band !== null,
});

/** Calls a method of a match room, on any process. Resolves to null if its process has died or no longer has the room. */
async function ask<M extends keyof MatchRoomMethods>(
  { roomId, processId }: SeatedListing,
  method: M,
  args: Parameters<MatchRoomMethods[M]>,
): Promise<ReturnType<MatchRoomMethods[M]> | null> {
  if (processId === matchMaker.processId && matchMaker.getLocalRoomById(roomId) === undefined) return null;
  try {
    return await matchMaker.remoteRoomCall<any>(roomId, method, args);
  } catch {
    // Removes the listings of the process if it is dead, so that the next request does not wait for it again.
    await matchMaker.healthCheckProcessId(processId);
    return null;
  }
}
