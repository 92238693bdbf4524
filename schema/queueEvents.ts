/**
 * Owns the events of the waiting queue, `logs_queue`, as a zod schema. Declarations only.
 * One event a message; the key is the player, the identity is the header `id` (UUIDv7).
 */
import * as z from "zod";

const queueEventKinds = ["entered", "matched", "confirmed", "declined", "expired", "left"] as const;

export const queueMessage = z.looseObject({
  v: z.literal(1),
  game: z.string(),
  /** Unix ms. */
  at: z.int().min(0),
  kind: z.enum(queueEventKinds),
  player: z.string().min(1),
  mode: z.string(),
  strategy: z.enum(["elo", "random"]),
  /** Whole-number rating at this moment. */
  rating: z.int(),
  /** Time since the player entered, in ms; 0 for `entered`. */
  waitMs: z.int().min(0),
  /** Party that queues together, null for one alone. */
  party: z.string().nullable(),
  region: z.string(),
  /** The match found; null before `matched`, and where the player goes without one. */
  matchId: z.string().nullable(),
});

export type QueueMessage = z.infer<typeof queueMessage>;
