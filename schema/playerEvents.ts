/**
 * The topic `logs_player`: what happens to a person outside matches, one event per message. The key is the player's id. The header
 * `id` (UUIDv7) identifies the event. A message has only the fields of its kind, none of which is null. It never contains a name, an
 * address or an e-mail.
 */
import * as z from "zod";
import { platforms } from "./platform.ts";
import { UUID_V7 } from "./uuidV7.ts";

/**
 * A registration signs in, too: it is one event, `registered`. A player who is in a party `party_formed` or `party_joined` it. The
 * process appends most events at once; those of the database (`registered`, `renamed`, `deleted`) follow a few seconds later, so order
 * events by `at`.
 */
const playerEventKinds = [
  "registered",
  "signed_in",
  "connected",
  "disconnected",
  "party_formed",
  "party_joined",
  "party_left",
  "renamed",
  "deleted",
] as const;

export const playerMessage = z.looseObject({
  v: z.literal(1),
  /** Unix ms. */
  at: z.int().min(0),
  kind: z.enum(playerEventKinds),
  player: z.string().min(1),
  /**
   * `registered`, `signed_in`: how. `anonymous`: as a new guest; `token`: with a token of this server; `email`: with a password;
   * `studio`: with a token of the studio.
   */
  method: z.enum(["anonymous", "token", "email", "studio"]).optional(),
  /** `registered`: whether a guest became the account, which keeps the guest's id. */
  upgraded: z.boolean().optional(),
  /** `connected`, `disconnected`: the same id in both; the header `id` of `connected`. */
  connection: z.string().regex(UUID_V7).optional(),
  /** `connected`, `disconnected`: what the client is connected to. */
  room: z.enum(["match", "queue", "party"]).optional(),
  roomId: z.string().optional(),
  /** `connected`, `disconnected`: if `room` is `match`. */
  matchId: z.string().optional(),
  /** `connected`, `disconnected`. */
  platform: z.enum(platforms).optional(),
  /** `disconnected`: the time of `connected`, in Unix ms. */
  connectedAt: z.int().min(0).optional(),
  /**
   * `disconnected`, `party_left`: `left`, `dropped`, or the name of a close code in lower case, such as `kicked`. `disconnected` also:
   * `process_died`; `at` is then the time at which the process was last seen.
   */
  reason: z.string().optional(),
  /** `disconnected`: the median round trip, in ms, if it was measured. Only matches measure it. */
  roundTripMs: z.int().min(0).optional(),
  /** `party_formed`, `party_joined`, `party_left`: the party's code. */
  party: z.string().optional(),
});

export type PlayerMessage = z.infer<typeof playerMessage>;

/** Appends an event to the outbox. Returns at once. @param id the header `id`; default: a new UUIDv7 */
export type RecordPlayerEvent = (message: PlayerMessage, id?: string) => void;
