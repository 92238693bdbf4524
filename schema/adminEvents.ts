/** The topic `logs_admin`: one act of an operator per message. The key is the operator. The header `id` (UUIDv7) identifies the act. */
import * as z from "zod";

export const adminMessage = z.looseObject({
  v: z.literal(1),
  /** Unix ms. */
  at: z.int().min(0),
  operator: z.string().min(1),
  role: z.string(),
  /** Such as `kick`, `ban`, `unban`, `drain`, `announce`, `message`, `set_value`, `monitor_call`, `playground_call`. */
  act: z.string().min(1),
  player: z.string().nullable(),
  room: z.string().nullable(),
  /** What else was asked for, such as the end of a ban, or the text of an announcement. */
  detail: z.string().nullable(),
  reason: z.string().nullable(),
});

export type AdminMessage = z.infer<typeof adminMessage>;
