/**
 * Owns the shape of what a client may say when it asks for a match. Declarations only. Closed: anything else is refused.
 */
import * as z from "zod";

export const joinOptions = z.strictObject({
  mode: z.string().max(32).optional(),
  /** Wished role number; the seat's own role where left out. */
  role: z.int().min(0).max(254).optional(),
  region: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, "a region is 1 to 32 of a-z, 0-9 and -")
    .optional(),
  rulesVersion: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,9}){0,3}$/, "a rules version is numbers with dots between")
    .optional(),
  /** Shown to others: 1 to 24 printable characters. */
  name: z
    .string()
    .trim()
    .regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,24}$/u, "a name is 1 to 24 printable characters")
    .optional(),
});

/** A match is entered from the open pool, from the ranked queue, or by those who know its id. */
export type MatchSource = "arena" | "queue" | "private";

/** Join options after the server has checked and completed them. `source` is the server's word, never the client's. */
export interface AdmittedOptions {
  mode: string;
  role: number | null;
  region: string;
  rulesVersion: string;
  name: string | null;
  source: MatchSource;
  /** Of the rating, for matches of the open pool; null for all others, which the pool never gives away. */
  band: number | null;
  /** The seat that the queue has chosen. */
  seat?: number;
}
