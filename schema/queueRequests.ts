/** Requests of clients to the ranked queue, to parties and to the ticket routes, and the answers. Unknown fields are refused. */
import * as z from "zod";
import { type GameOptions, joinOptions } from "./joinOptions.ts";

export const strategies = ["elo", "random"] as const;
/**
 * `elo` pairs players of similar rating, and allows a larger difference the longer they wait. `random` pairs any waiting players.
 */
export type Strategy = (typeof strategies)[number];

const { mode, role, region, rulesVersion, name, options } = joinOptions.shape;
const strategy = z.enum(strategies, `expected ${strategies.join(" or ")}`);
/** A game of the installation; the first one if omitted. */
const game = z.string().max(64).optional();
const request = { game, mode: mode.unwrap(), strategy, region };

/** Options of `joinOrCreate("queue", …)`. */
export const queueOptions = z.strictObject({ ...request, role, rulesVersion, name, options });

/** Options of `create("party", …)` and `joinById(code, …)`. */
export const partyOptions = z.strictObject({ game, role, rulesVersion, name, options });

/** The 8 characters with which players join a party. Characters that are easily confused are not used. */
export const PARTY_CODE = /^[ABCDEFGHJKLMNPQRSTUVWXYZ23456789]{8}$/;

/** What the leader of a party requests from the queue. A party plays the game for which it was created. */
export const partyQueueRequest = z.strictObject(request);
export type PartyQueueRequest = Readonly<z.infer<typeof partyQueueRequest>>;

/** Messages to a party room, by name. */
export const partyMessages = {
  ready: z.union([z.boolean(), z.strictObject({ ready: z.boolean() }).transform(({ ready }) => ready)]),
  kick: z.strictObject({ playerId: z.string().min(1).max(64) }),
  leader: z.strictObject({ playerId: z.string().min(1).max(64) }),
  invite: z.strictObject({ playerId: z.string().min(1).max(64) }),
  queue: partyQueueRequest,
} as const;

/** Body of `POST /matchmaking/tickets`. */
export const ticketRequest = z.strictObject({
  ...request,
  role,
  options,
  partyId: z.string().regex(PARTY_CODE, "expected the 8 characters of a party code").optional(),
});
export type TicketRequest = z.infer<typeof ticketRequest>;

/** The argument of the SDK's `consumeSeatReservation`. */
export const seatReservation = z.object({
  name: z.string(),
  sessionId: z.string(),
  roomId: z.string(),
  processId: z.string(),
  publicAddress: z.string().optional(),
});
export type SeatReservation = z.infer<typeof seatReservation>;

const ticketStatuses = ["queued", "matched", "cancelled", "expired"] as const;

/** Answer of the ticket routes. `seat` and `seatExpiresAt` (RFC 3339) are present if the status is `matched`. */
export const ticketAnswer = z.object({
  ticketId: z.string(),
  status: z.enum(ticketStatuses),
  seat: seatReservation.optional(),
  seatExpiresAt: z.string().optional(),
});
export type TicketAnswer = z.infer<typeof ticketAnswer>;

/** A player in the queue. */
export interface QueuePlayer {
  readonly playerId: string;
  readonly kind: "anonymous" | "account";
  /** Shown to other players; null if the server is to generate one. */
  readonly name: string | null;
  /** Integer rating in the mode. */
  readonly rating: number;
  /** Rated games in the mode; null while unknown. */
  readonly games: number | null;
  /** Uncertainty of the rating, in points; null while unknown, absent for algorithms without one. */
  readonly deviation?: number | null;
  /** Requested role number; null for any. */
  readonly role: number | null;
  /** The game's own join options; absent if the game declares none. */
  readonly options?: GameOptions;
  /** How the player confirms the match: with the message `confirm` (`socket`), or by joining it (`ticket`). */
  readonly via: "socket" | "ticket";
}
