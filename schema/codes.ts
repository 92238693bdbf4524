/** The codes with which the server refuses a client or closes a connection. A test compares docs/codes.md with this file. */
export interface Code {
  readonly code: number;
  readonly meaning: string;
}

/**
 * Why a client is refused. The message of the error begins with the name of the code. The code is also the HTTP status of the
 * matchmaking request, so it must be between 200 and 599. The numbers start after Colyseus's own (520 to 526).
 */
export const refusals = {
  TOO_MANY_REQUESTS: {
    code: 429,
    meaning:
      "The player, or the clients at this address together, sent too many join requests. Try again after `Retry-After`.",
  },
  TOKEN_MISSING: { code: 530, meaning: "The request has no token. Sign in first." },
  TOKEN_INVALID: {
    code: 531,
    meaning: "The token is malformed, or this server does not accept its issuer or signature. Sign in again.",
  },
  TOKEN_EXPIRED: { code: 532, meaning: "The token has expired. Sign in again." },
  OPTIONS_INVALID: {
    code: 533,
    meaning: "A join option is unknown, or has the wrong type or value. The message names the option.",
  },
  MODE_UNKNOWN: { code: 534, meaning: "The option `mode` is missing, or the game has no such mode." },
  RULES_TOO_OLD: { code: 535, meaning: "The client uses older rules than this server. Update the client." },
  RULES_TOO_NEW: {
    code: 536,
    meaning: "The client uses newer rules than this server. Join another server, or use an older client.",
  },
  JOIN_BY_ID_REFUSED: { code: 537, meaning: "Only private matches can be joined by id. Use `joinOrCreate`." },
  ALREADY_SEATED: {
    code: 538,
    meaning:
      "The player has a seat in a running match: of another mode, whose room id the message contains, or in the match that they want to watch. Leave that match, or return to it with `joinOrCreate` and its mode.",
  },
  MATCH_ENDED: { code: 539, meaning: "The match has ended." },
  NOT_ACCEPTING: {
    code: 540,
    meaning: "The server does not start new matches at the moment. The message gives the reason.",
  },
  MATCH_FULL: { code: 541, meaning: "The match has no free seat." },
  TOKEN_REVOKED: {
    code: 548,
    meaning: "The token was revoked: the player signed out on all devices, or was deleted. Sign in again.",
  },
  BANNED: { code: 549, meaning: "The player is banned. `GET /api/v1/me` returns the end of the ban." },
  IDENTITY_UNAVAILABLE: { code: 550, meaning: "The identity service is unavailable. Try again later." },
  SERVER_BUSY: {
    code: 551,
    meaning: "The server is at capacity. Try again in a moment.",
  },
  TOO_MANY_ROOMS: {
    code: 552,
    meaning:
      "The player, or the clients at this address together, have opened too many rooms. Leave a room, or wait until one closes.",
  },
  TOO_MANY_SEATS: {
    code: 553,
    meaning:
      "The player, or the clients at this address together, have too many seats in matches. A seat that is reserved, but not taken, counts too. Leave a match, or try again after `Retry-After`.",
  },
  SPECTATORS_REFUSED: {
    code: 554,
    meaning: "The match cannot be watched: its mode does not allow it, or nobody has a seat in it yet.",
  },
  SPECTATORS_FULL: { code: 555, meaning: "The match has no free place for spectators. Try again later." },
} as const satisfies Record<string, Code>;

/** Refusals by the framework itself. */
export const frameworkRefusals = {
  MATCHMAKE_NO_HANDLER: { code: 520, meaning: "No room type has this name." },
  MATCHMAKE_INVALID_CRITERIA: { code: 521, meaning: "`join` found no open match. Use `joinOrCreate`." },
  MATCHMAKE_INVALID_ROOM_ID: { code: 522, meaning: "No open room has this id: it is unknown, full, ended or closed." },
  MATCHMAKE_UNHANDLED: { code: 523, meaning: "The room could not be created or joined." },
  MATCHMAKE_EXPIRED: {
    code: 524,
    meaning: "The seat reservation or the reconnection token is unknown, already used, or expired.",
  },
} as const satisfies Record<string, Code>;

/** Why a connection to a room is closed. */
export const closeCodes = {
  MATCH_OVER: { code: 1000, meaning: "The match has ended, and its room closes." },
  CUT_OFF: { code: 1006, meaning: "The client read too slowly, or did not answer pings. The client can reconnect." },
  MESSAGE_TOO_BIG: { code: 1009, meaning: "A message was larger than 4 KiB." },
  CONSENTED: { code: 4000, meaning: "The client left." },
  SERVER_SHUTDOWN: { code: 4001, meaning: "The server is shutting down." },
  WITH_ERROR: {
    code: 4002,
    meaning:
      "One of three causes: the join was refused (an error message came first), a message had an unknown type, or the client sent too many messages.",
  },
  FAILED_TO_RECONNECT: { code: 4003, meaning: "The reconnection came too late, or its token was wrong." },
  MESSAGE_INVALID: {
    code: 4100,
    meaning:
      "A message could not be decoded, or a command does not have the shape that the game declares. Then the reason names the field.",
  },
  MATCH_ABORTED: {
    code: 4101,
    meaning:
      "The match failed on the server and was stopped. It is not rated. A client that was joining it gets this code as the error of its join.",
  },
  MATCH_ABANDONED: { code: 4102, meaning: "No connected player is left, so the room closes." },
  JOIN_TIMEOUT: { code: 4103, meaning: "The client connected, but did not complete the join in time." },
  KICKED: { code: 4104, meaning: "An operator removed the player. The reason is `kicked` or `banned`." },
  REPLACED: {
    code: 4105,
    meaning: "The player joined again on another connection, which now has the seat, or the place of a spectator.",
  },
  OPPONENT_LEFT: {
    code: 4106,
    meaning:
      "A match of the queue was cancelled before it started, because a player left or did not come. The others may queue again, at the front.",
  },
} as const satisfies Record<string, Code>;

export type RefusalName = keyof typeof refusals;
