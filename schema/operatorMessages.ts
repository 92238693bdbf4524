/**
 * What operators write to players. Rooms send it to their clients under the name of its kind, and so does the live feed.
 * `announce` is for everyone. `operator_message` is for one player.
 */
import * as z from "zod";

/** In UTF-16 units. */
export const OPERATOR_TEXT_LENGTH_MAX = 500;

export const operatorText = z.object({
  /** Plain text, as the operator wrote it. A page must not show it as HTML. */
  text: z.string(),
  /** When the server accepted it, Unix ms. */
  at: z.int(),
});

export type OperatorText = z.infer<typeof operatorText>;
export type OperatorTextKind = "announce" | "operator_message";
