/**
 * Why a room ignores a command. The client gets the message `commandIgnored` with `{ name, reason }`, where `reason` is one of these
 * names; a request (`room.request`) is rejected with the name.
 */
export const commandRefusals = {
  NO_SEAT: "The client has no seat in this match.",
  MATCH_ENDED: "The match has ended.",
  TOO_MANY: "The player sends more of these commands than the game allows, or too many at once.",
  PLAYER_UNKNOWN: "The command names a player who has no seat in this match.",
} as const;

export type CommandRefusal = keyof typeof commandRefusals;
