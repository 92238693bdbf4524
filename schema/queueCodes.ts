/**
 * Owns the numbers by which queue and parties say why they refuse a client or close a connection, beside those of `codes.ts`.
 * Declarations only.
 */
import type { Code } from "./codes.ts";

/** Why a client is refused. The message of the error begins with the name. */
export const queueRefusals = {
  ALREADY_QUEUED: {
    code: 560,
    meaning: "The player waits already, with a party or a ticket, or has a match to confirm.",
  },
  QUEUE_DOOR: { code: 561, meaning: "The queue is entered by `joinOrCreate` only." },
  PARTY_DOOR: { code: 562, meaning: "A party is made by `create` and joined by `joinById` with its code." },
  PARTY_FULL: { code: 563, meaning: "The party has as many members as any mode lets play together." },
  PARTY_REFUSED: { code: 564, meaning: "The leader has put this player out of the party." },
  NOT_LEADER: { code: 565, meaning: "Only the leader of the party may do that." },
  NOT_READY: { code: 566, meaning: "Not all members of the party are ready and connected." },
  PARTY_TOO_BIG: { code: 567, meaning: "The party has more members than a team of that mode." },
  NOT_QUEUED: { code: 568, meaning: "Nothing waits that this could be about." },
  CONFIRM_LATE: { code: 569, meaning: "The time to confirm is over, or there is no match to confirm." },
  QUEUE_UNAVAILABLE: { code: 570, meaning: "The queue cannot be reached now. Try again." },
  PARTY_QUEUED: { code: 571, meaning: "The party is in the queue; its leader cancels first." },
  INVITATIONS_LIMITED: { code: 572, meaning: "Too many invitations, or the same one again too soon. Try again later." },
  PARTY_ROLES: { code: 573, meaning: "The members wish one role more often than a team of that mode takes it." },
} as const satisfies Record<string, Code>;

export type QueueRefusal = keyof typeof queueRefusals;

/** Why a connection is closed. A queue that has done its work closes with 1000. */
export const queueCloseCodes = {
  QUEUE_DONE: { code: 1000, meaning: "Everyone has confirmed; the match is on." },
  MATCH_UNCONFIRMED: { code: 4110, meaning: "Somebody did not confirm; the match is not played. The queue goes on." },
  QUEUE_EXPIRED: { code: 4111, meaning: "The match was not confirmed in time; the player is out of the queue." },
  QUEUE_REPLACED: { code: 4112, meaning: "The player has entered the queue by another connection." },
  PARTY_KICKED: { code: 4113, meaning: "The leader has put the player out of the party." },
} as const satisfies Record<string, Code>;
