/**
 * Owns what the live feed tells one player alone (`GET /api/v1/live?scope=me`), as zod schemas: the data of each
 * server-sent event, by its name. Declarations only. None of them holds a name or an address.
 */
import * as z from "zod";
import { PARTY_CODE, strategies } from "./queueRequests.ts";

export const ownEvents = {
  /** The queue has found a match; the seat comes by the way in which the player queued. */
  match_found: z.object({
    game: z.string(),
    matchId: z.string(),
    mode: z.string(),
    strategy: z.enum(strategies),
    region: z.string(),
    /** Code of the party that queued; null for one alone. */
    party: z.string().nullable(),
    waitMs: z.int().min(0),
    /** Unix ms. */
    at: z.int(),
  }),
  /** A rated match is in the record. */
  rating_changed: z.object({
    game: z.string(),
    matchId: z.string(),
    mode: z.string(),
    /** Whole numbers: the rating as it is now, and what this match changed. */
    rating: z.int(),
    change: z.int(),
    /** End of the match, Unix ms. */
    at: z.int(),
  }),
  /** A member of a party asks the player to join it: `joinById(partyId)`. */
  party_invitation: z.object({
    partyId: z.string().regex(PARTY_CODE),
    /** Id of the player who invites. */
    from: z.string(),
    /** Unix ms. */
    at: z.int(),
  }),
} as const;

export type OwnEventName = keyof typeof ownEvents;
export type OwnEvent<N extends OwnEventName> = z.infer<(typeof ownEvents)[N]>;
