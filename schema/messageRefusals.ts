/**
 * Why a room drops a message of a player, such as chat. The sender gets the message `messageRefused` with `{ name, reason, detail? }`,
 * where `reason` is one of these names; a request (`room.request`) is rejected with `{ reason, detail? }`.
 */
export const messageRefusals = {
  NO_SEAT: "The client has no seat in this match.",
  TOO_MANY: "The player sends more of these messages than the game allows. Try again in a moment.",
  TEXT_INVALID: "A text is too long, is empty, or has characters that are not permitted. `detail` says which.",
  REFUSED: "The game's moderation refused the message. `detail` is its reason.",
  MODERATION_BUSY: "Too many messages of this match wait for the game's moderation. Try again in a moment.",
  MODERATION_FAILED: "The game's moderation failed, or did not answer in time. Try again later.",
} as const;

export interface MessageRefusal {
  readonly reason: keyof typeof messageRefusals;
  readonly detail?: string;
}
