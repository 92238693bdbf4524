/** The codes of the queue and of parties; those of matches are in `codes.ts`. */
import type { Code } from "./codes.ts";

/** Why a client is refused. The message of the error begins with the name. */
export const queueRefusals = {
  ALREADY_QUEUED: {
    code: 560,
    meaning: "The player is already in a queue (alone, with a party or by a ticket), or has a match to confirm.",
  },
  QUEUE_DOOR: { code: 561, meaning: "The queue can only be joined by `joinOrCreate`." },
  PARTY_DOOR: { code: 562, meaning: "A party can only be created by `create` and joined by `joinById` with its code." },
  PARTY_FULL: { code: 563, meaning: "The party is full: no mode has larger teams." },
  PARTY_REFUSED: { code: 564, meaning: "The leader removed this player from the party." },
  NOT_LEADER: { code: 565, meaning: "Only the party leader can do this." },
  NOT_READY: { code: 566, meaning: "Not all party members are ready and connected." },
  PARTY_TOO_BIG: { code: 567, meaning: "The party has more members than a team of this mode." },
  NOT_QUEUED: { code: 568, meaning: "Neither the player nor the party is in the queue." },
  CONFIRM_LATE: { code: 569, meaning: "The time to confirm has expired, or there is no match to confirm." },
  QUEUE_UNAVAILABLE: { code: 570, meaning: "The queue is unavailable. Try again later." },
  PARTY_QUEUED: { code: 571, meaning: "The party is in the queue. Its leader must cancel first." },
  INVITATIONS_LIMITED: {
    code: 572,
    meaning: "The player sent too many invitations, or repeated an invitation too soon. Try again later.",
  },
  PARTY_ROLES: { code: 573, meaning: "More party members chose the same role than a team of this mode allows." },
  QUEUE_COOLDOWN: {
    code: 574,
    meaning:
      "The player, or a member of the party, left a match before it started or did not confirm one. The message says in how many seconds they may queue again.",
  },
  TOO_MANY_PARTIES: {
    code: 575,
    meaning:
      "The player, or the clients at this address together, are in too many parties. Leave a party, or try again after `Retry-After`.",
  },
} as const satisfies Record<string, Code>;

export type QueueRefusalName = keyof typeof queueRefusals;

/** Why a connection to a queue or party room is closed. */
export const queueCloseCodes = {
  QUEUE_DONE: { code: 1000, meaning: "All players have confirmed. The match starts." },
  MATCH_UNCONFIRMED: {
    code: 4110,
    meaning: "A player did not confirm, so the match is cancelled. The other players stay in the queue.",
  },
  QUEUE_EXPIRED: {
    code: 4111,
    meaning: "The player did not confirm the match in time, and was removed from the queue.",
  },
  QUEUE_REPLACED: { code: 4112, meaning: "The player joined the queue from another connection." },
  PARTY_KICKED: { code: 4113, meaning: "The leader removed the player from the party." },
} as const satisfies Record<string, Code>;
