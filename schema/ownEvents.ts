/**
 * The events that `GET /api/v1/live?scope=me` sends to one player, by event name. No event contains a player's name or an
 * address.
 */
import * as z from "zod";
import { operatorText } from "./operatorMessages.ts";
import { PARTY_CODE, strategies } from "./queueRequests.ts";

export const ownEvents = {
  /**
   * The queue has found a match. The seat is not in this event: it is sent on the socket or in the ticket with which the player
   * queued.
   */
  match_found: z.object({
    game: z.string(),
    matchId: z.string(),
    mode: z.string(),
    strategy: z.enum(strategies),
    region: z.string(),
    /** Code of the party that queued; null for a single player. */
    party: z.string().nullable(),
    waitMs: z.int().min(0),
    /** Unix ms. */
    at: z.int(),
  }),
  /** A rated match has been stored. */
  rating_changed: z.object({
    game: z.string(),
    matchId: z.string(),
    mode: z.string(),
    /** The new rating and its change by this match, as integers. */
    rating: z.int(),
    change: z.int(),
    /** End of the match, Unix ms. */
    at: z.int(),
  }),
  /** A party member invites the player, who accepts with `joinById(partyId)`. */
  party_invitation: z.object({
    partyId: z.string().regex(PARTY_CODE),
    /** Id of the inviting player. */
    from: z.string(),
    /** Unix ms. */
    at: z.int(),
  }),
  /** An operator has written to the player. */
  operator_message: operatorText,
} as const;

export type OwnEventName = keyof typeof ownEvents;
export type OwnEvent<N extends OwnEventName> = z.infer<(typeof ownEvents)[N]>;
