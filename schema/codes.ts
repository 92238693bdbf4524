/**
 * Owns the numbers by which the server says why it refuses a client or closes a connection. Declarations only;
 * docs/codes.md lists the same numbers for people.
 */

export interface Code {
  readonly code: number;
  readonly meaning: string;
}

/**
 * Why a client is refused. The message of the error begins with the name. They double as HTTP status of the matchmaking
 * request, so they stay between 200 and 599, next to Colyseus's own (520 to 526).
 */
export const refusals = {
  TOKEN_MISSING: { code: 530, meaning: "No token came with the request. Sign in first." },
  TOKEN_INVALID: { code: 531, meaning: "The token was not signed by this server, or is no token at all." },
  TOKEN_EXPIRED: { code: 532, meaning: "The token has run out. Sign in again." },
  OPTIONS_INVALID: { code: 533, meaning: "A join option has a wrong type or value, or is not known." },
  MODE_UNKNOWN: { code: 534, meaning: "The mode is missing, or this game has none of that name." },
  RULES_TOO_OLD: { code: 535, meaning: "The client plays older rules than this server." },
  RULES_TOO_NEW: { code: 536, meaning: "The client plays newer rules than this server." },
  JOIN_BY_ID_REFUSED: { code: 537, meaning: "Only private matches are entered by their id." },
  ALREADY_SEATED: { code: 538, meaning: "This player already sits in this match." },
  MATCH_ENDED: { code: 539, meaning: "The match is over." },
  NOT_ACCEPTING: { code: 540, meaning: "The server starts no matches now; the message says why." },
  MATCH_FULL: { code: 541, meaning: "No seat is free." },
  TOKEN_REVOKED: {
    code: 548,
    meaning: "The token was made void by a log-out of all devices, or the player is gone. Sign in again.",
  },
  BANNED: { code: 549, meaning: "The player is banned; `GET /api/v1/me` tells until when." },
  IDENTITY_UNAVAILABLE: { code: 550, meaning: "Who this is cannot be told now. Try again later." },
  SERVER_BUSY: {
    code: 551,
    meaning: "The server has all the players that it can serve on time. Try again in a moment.",
  },
} as const satisfies Record<string, Code>;

/** What the framework answers by itself. */
export const frameworkRefusals = {
  MATCHMAKE_NO_HANDLER: { code: 520, meaning: "No room of that name exists." },
  MATCHMAKE_INVALID_CRITERIA: { code: 521, meaning: "`join` found no open match." },
  MATCHMAKE_INVALID_ROOM_ID: { code: 522, meaning: "No open room has that id: it is unknown, full, ended or closed." },
  MATCHMAKE_UNHANDLED: { code: 523, meaning: "The room could not be made or entered." },
  MATCHMAKE_EXPIRED: {
    code: 524,
    meaning: "The session id holds no seat (unknown, used, or too late), or the reconnection token is no longer good.",
  },
} as const satisfies Record<string, Code>;

/** Why a connection to a room is closed. */
export const closeCodes = {
  MATCH_OVER: { code: 1000, meaning: "The match has ended and its room closes." },
  CUT_OFF: { code: 1006, meaning: "The client read too slowly or did not answer; it may reconnect." },
  MESSAGE_TOO_BIG: { code: 1009, meaning: "A message was larger than 4 KiB." },
  CONSENTED: { code: 4000, meaning: "The client left." },
  SERVER_SHUTDOWN: { code: 4001, meaning: "The server stops." },
  WITH_ERROR: {
    code: 4002,
    meaning: "Refused at the door (an error message came before), a message of a wrong type, or too many messages.",
  },
  FAILED_TO_RECONNECT: { code: 4003, meaning: "The reconnection came too late or with a wrong token." },
  MESSAGE_INVALID: { code: 4100, meaning: "A message could not be decoded." },
  MATCH_ABORTED: { code: 4101, meaning: "The match failed inside the server and was stopped; it is not rated." },
  MATCH_ABANDONED: { code: 4102, meaning: "Everyone left; the room closes." },
  KICKED: { code: 4104, meaning: "The operator put the player out; the reason is `kicked` or `banned`." },
  JOIN_UNANSWERED: { code: 4103, meaning: "The client connected but never took up its seat." },
} as const satisfies Record<string, Code>;

export type Refusal = keyof typeof refusals;
