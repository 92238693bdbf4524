/**
 * Owns the shapes of what a client may say to the ranked queue, to a party, and when it asks for a ticket, and what they are
 * answered. Declarations only. Requests are closed: anything else is refused.
 */
import * as z from "zod";
import { joinOptions } from "./joinOptions.ts";

export const strategies = ["elo", "random"] as const;
/** `elo` pairs by rating, within a tolerance that widens with waiting; `random` pairs whoever waits. */
export type Strategy = (typeof strategies)[number];

const { mode, role, region, rulesVersion, name } = joinOptions.shape;
const strategy = z.enum(strategies, `a strategy is ${strategies.join(" or ")}`);
const request = { mode: mode.unwrap(), strategy, region };

/** Options of `joinOrCreate("queue", …)`. */
export const queueOptions = z.strictObject({ ...request, role, rulesVersion, name });

/** Options of `create("party", …)` and `joinById(code, …)`. */
export const partyOptions = z.strictObject({ role, rulesVersion, name });

/** The 8 characters by which a party is joined; none of them is easily taken for another. */
export const PARTY_CODE = /^[ABCDEFGHJKLMNPQRSTUVWXYZ23456789]{8}$/;

/** What the leader of a party queues for. */
export const partyQueueRequest = z.strictObject(request);
export type PartyQueueRequest = Readonly<z.infer<typeof partyQueueRequest>>;

/** Messages to a party, by name. `kick`, `leader` and `invite` name a player. */
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
  partyId: z.string().regex(PARTY_CODE, "a party id is its code of 8 characters").optional(),
});
export type TicketRequest = z.infer<typeof ticketRequest>;

/** What `consumeSeatReservation` of the SDK takes. */
export const seatReservation = z.object({
  name: z.string(),
  sessionId: z.string(),
  roomId: z.string(),
  processId: z.string(),
  publicAddress: z.string().optional(),
});
export type SeatReservation = z.infer<typeof seatReservation>;

const ticketStatuses = ["queued", "matched", "cancelled", "expired"] as const;

/** Answer of the ticket routes. `seat` and `seatExpiresAt` (RFC 3339) stand where the status is `matched`. */
export const ticketAnswer = z.object({
  ticketId: z.string(),
  status: z.enum(ticketStatuses),
  seat: seatReservation.optional(),
  seatExpiresAt: z.string().optional(),
});
export type TicketAnswer = z.infer<typeof ticketAnswer>;

/** Someone who waits, as the server knows them. */
export interface QueuePlayer {
  readonly playerId: string;
  readonly kind: "anonymous" | "account";
  /** Shown to others; null for the one that the server makes up. */
  readonly name: string | null;
  /** Whole-number rating in the mode. */
  readonly rating: number;
  /** Rated games in the mode; null while unknown. */
  readonly games: number | null;
  /** Uncertainty of the rating, in points; null while unknown, absent where none is kept. */
  readonly deviation?: number | null;
  /** Wished role number; null for any. */
  readonly role: number | null;
  /** How the player takes the seat that is found: by `confirm` on a socket, or by sitting down. */
  readonly via: "socket" | "ticket";
}
