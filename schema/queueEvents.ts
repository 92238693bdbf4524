/** The topic `logs_queue`: one event per message. The key is the player's id. The header `id` (UUIDv7) identifies the event. */
import * as z from "zod";

const queueEventKinds = ["entered", "matched", "confirmed", "declined", "expired", "left", "dodged"] as const;

export const queueMessage = z.looseObject({
  v: z.literal(1),
  game: z.string(),
  /** Unix ms. */
  at: z.int().min(0),
  kind: z.enum(queueEventKinds),
  player: z.string().min(1),
  mode: z.string(),
  strategy: z.enum(["elo", "random"]),
  /** The rating at this time, as an integer. */
  rating: z.int(),
  /** Time since the player entered the queue, in ms; 0 for `entered`. */
  waitMs: z.int().min(0),
  /** Code of the party that queued; null for a single player. */
  party: z.string().nullable(),
  region: z.string(),
  /** The match that was found; null before `matched`, and if the player leaves before a match is found. */
  matchId: z.string().nullable(),
});

export type QueueMessage = z.infer<typeof queueMessage>;
