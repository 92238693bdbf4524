/** The options of a client's request for a match. Unknown options are refused. */
import * as z from "zod";
import { playerName } from "./playerName.ts";

const OPTIONS_MAX = 32;

/** The game's own options, by the names that it declares. */
export const gameOptions = z
  .record(z.string().max(40), z.union([z.number(), z.string().max(100)]))
  .refine((options) => Object.keys(options).length <= OPTIONS_MAX, `expected at most ${OPTIONS_MAX} options`);
/** The same, complete and checked. Never null, although values of declared fields can be. */
export type GameOptions = Readonly<Record<string, number | string | null>>;

export const joinOptions = z.strictObject({
  mode: z.string().max(32).optional(),
  /** Requested role number. If omitted, the player gets the seat's default role. */
  role: z.int().min(0).max(254).optional(),
  region: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, "expected 1 to 32 of the characters a-z, 0-9 and -")
    .optional(),
  rulesVersion: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,9}){0,3}$/, "expected up to 4 numbers separated by dots")
    .optional(),
  /** Shown to the other players if the player has no stored name. It is not stored. */
  name: playerName.optional(),
  /** Only for `joinById`: watch the match without a seat. `role` and `name` then have no effect. */
  spectate: z.boolean().optional(),
  options: gameOptions.optional(),
});
export type JoinOptions = z.infer<typeof joinOptions>;

/**
 * How players enter a match: by `joinOrCreate` (`arena`), by the ranked queue (`queue`), or by `create` and `joinById`
 * (`private`).
 */
export type MatchSource = "arena" | "queue" | "private";

/** An entry of the queue, as a match of the queue knows it. */
export interface QueuedEntry {
  readonly id: string;
  readonly strategy: "elo" | "random";
  /** Code of the party; null for a single player. */
  readonly party: string | null;
  /** Unix ms. */
  readonly enteredAt: number;
  readonly players: readonly { readonly playerId: string; readonly rating: number }[];
}

/** The player and the address to whose limits a request counts. */
export interface Requester {
  /** Null if the request has no valid token. */
  readonly playerId: string | null;
  /** The unit by which the client's address is counted, such as an IPv6 /64 network; null if it is unknown. */
  readonly network: string | null;
}

/** The trace of a join request (`src/platform/tracing`). */
export interface RequestTrace {
  /** A UUID. */
  readonly id: string;
  /** Unix ms at which the server had accepted the options and the player, and began to look for a seat. */
  readonly admittedAt: number;
}

/** What the server adds to the options of every join request. */
export interface RequestOrigin {
  /** Absent if the server itself sent the request. */
  requester?: Requester;
  /** The id under which this request already counts as a seat. */
  seatClaim?: string;
  /** Absent if joins are not traced. */
  trace?: RequestTrace;
}

/** Join options after the server has checked and completed them. */
export interface AdmittedOptions extends RequestOrigin {
  mode: string;
  role: number | null;
  region: string;
  rulesVersion: string;
  name: string | null;
  /** The game's own options, complete and checked; absent if the game declares none. */
  options?: GameOptions;
  /** Set by the server, never read from the client. */
  source: MatchSource;
  /**
   * The rating band. `joinOrCreate` finds the open match with the nearest band. Null for other sources, so that `joinOrCreate`
   * never finds their matches.
   */
  band: number | null;
  /** The seat that the pairing chose for the player, or to which the player returns. */
  seat?: number;
  /** In the options with which a match of the queue is created: the entries for which it was found. */
  queued?: readonly QueuedEntry[];
  /** Room id of the match in which the player already has a seat. */
  returnTo?: string;
  /** The client watches the match and takes no seat. */
  spectate?: true;
}
