/** Every error that the REST API sends, as RFC 9457 problem details: one stable `type` each. */
import * as z from "zod";
import type { TicketProblemCode } from "../matchmaking/Tickets.ts";

interface Kind {
  readonly status: number;
  readonly title: string;
}

const ticketKinds: Readonly<Record<TicketProblemCode, Kind>> = {
  TICKET_UNKNOWN: { status: 404, title: "Unknown ticket, or the ticket of another player." },
  ALREADY_QUEUED: { status: 409, title: "The player already has a ticket, or is in a queue alone or with a party." },
  PARTY_UNKNOWN: { status: 404, title: "Unknown party." },
  NOT_LEADER: { status: 403, title: "Only the party leader can do this." },
  NOT_READY: { status: 409, title: "Not all party members are ready and connected." },
  PARTY_TOO_BIG: { status: 409, title: "The party has more members than a team of this mode." },
  PARTY_ROLES: { status: 409, title: "More party members chose the same role than a team of this mode allows." },
  PARTY_QUEUED: { status: 409, title: "The party is already in the queue." },
  MODE_UNKNOWN: { status: 400, title: "The game has no such mode or role." },
  OPTIONS_INVALID: { status: 400, title: "An option has an unknown value. The detail names it." },
  QUEUE_COOLDOWN: {
    status: 429,
    title: "The player, or a member of the party, left a found match a short time ago. Try again after `Retry-After`.",
  },
  QUEUE_UNAVAILABLE: { status: 503, title: "The queue is unavailable. Try again later." },
};

const kinds = {
  INPUT_INVALID: { status: 400, title: "Invalid parameter or body." },
  REASON_REQUIRED: { status: 400, title: "Each act of an operator needs a reason." },
  RESET_INVALID: { status: 401, title: "The reset token is unknown, already used or expired. Request a new one." },
  TOKEN_MISSING: { status: 401, title: "Bearer token required." },
  TOKEN_INVALID: {
    status: 401,
    title: "The token is malformed, or this server does not accept its issuer or signature.",
  },
  TOKEN_EXPIRED: { status: 401, title: "The token has expired. Sign in again." },
  TOKEN_REVOKED: { status: 401, title: "The token was revoked. Sign in again." },
  TOKEN_JOIN_ONLY: { status: 403, title: "This token is only for joining rooms. Send the token from the sign-in." },
  CREDENTIALS_WRONG: { status: 401, title: "Wrong e-mail address or password." },
  OPERATOR_ONLY: { status: 401, title: "Operator sign-in required." },
  BANNED: { status: 403, title: "The player is banned." },
  OPERATOR_ROLE: { status: 403, title: "The operator's role does not allow this." },
  CROSS_SITE: { status: 403, title: "A page of another site sent this request. Send it from a page of this server." },
  ROUTE_UNKNOWN: { status: 404, title: "Unknown route." },
  PLAYER_UNKNOWN: { status: 404, title: "Unknown player." },
  ROOM_UNKNOWN: { status: 404, title: "No open room has this id." },
  MATCH_UNKNOWN: { status: 404, title: "No finished match has this id." },
  RECORDING_UNKNOWN: { status: 404, title: "This match has no recording." },
  SEASON_UNKNOWN: { status: 404, title: "Unknown season." },
  NOT_RANKED: { status: 404, title: "The player is not ranked." },
  METHOD_NOT_ALLOWED: { status: 405, title: "Method not allowed for this route." },
  EMAIL_TAKEN: { status: 409, title: "An account with this e-mail address already exists." },
  NAME_REFUSED: {
    status: 409,
    title: "The name is not allowed. Use 2 to 24 letters, digits or emoji, with single separators between them.",
  },
  NAME_TAKEN: { status: 409, title: "Another account has this name, or one that looks like it." },
  GAME_FORBIDDEN: { status: 403, title: "The game does not allow this. The detail says why." },
  GAME_MISSING: { status: 404, title: "The game does not have this. The detail says what." },
  GAME_CONFLICT: { status: 409, title: "The game cannot do this now. The detail says why." },
  MATCH_RUNNING: { status: 409, title: "The match is still running." },
  BODY_TOO_LARGE: { status: 413, title: "The body is too large." },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    title: "The body must be JSON (Content-Type: application/json), uncompressed.",
  },
  TOO_MANY_REQUESTS: { status: 429, title: "Too many requests." },
  TOO_MANY_STREAMS: {
    status: 429,
    title: "The player, or the clients at this address together, have too many open event streams. Close one of them.",
  },
  INTERNAL: { status: 500, title: "Internal server error." },
  MAIL_NOT_CONFIGURED: { status: 501, title: "Mail is not configured on this server." },
  SHUTTING_DOWN: { status: 503, title: "The server is shutting down. Try again in a moment." },
  UNAVAILABLE: { status: 503, title: "A service that this request needs is unavailable. Try again later." },
  IDENTITY_UNAVAILABLE: { status: 503, title: "The identity service is unavailable. Try again later." },
  RANKINGS_UNAVAILABLE: { status: 503, title: "The ranking is being rebuilt. Try again later." },
  SERVER_BUSY: { status: 503, title: "The server is at capacity. Try again in a moment." },
  ...ticketKinds,
} as const satisfies Record<string, Kind>;

export type ProblemCode = keyof typeof kinds;
export const problemCodes = Object.keys(kinds) as ProblemCode[];
export const statusOf = (code: ProblemCode): number => kinds[code].status;

/** Why a route for players refuses a token. */
export const TOKEN_PROBLEMS = [
  "TOKEN_MISSING",
  "TOKEN_INVALID",
  "TOKEN_EXPIRED",
  "TOKEN_REVOKED",
  "TOKEN_JOIN_ONLY",
] as const satisfies readonly ProblemCode[];

export const problemSchema = z
  .object({
    type: z
      .string()
      .meta({ description: "`urn:hypogeum:problem:` followed by the code in lower case; its meaning never changes" }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    code: z.enum(problemCodes as [ProblemCode, ...ProblemCode[]]),
    error: z.string().meta({ description: "Same as `code`; the Colyseus SDK reads this field" }),
    until: z.iso.datetime().optional().meta({ description: "End of a ban" }),
    ticketId: z.string().optional().meta({ description: "The ticket that the player already has" }),
  })
  .meta({ id: "Problem" });

export class Problem extends Error {
  readonly code: ProblemCode;
  readonly detail: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly until: Date | null;
  readonly ticketId: string | null;

  constructor(
    code: ProblemCode,
    detail?: string,
    more: { headers?: Readonly<Record<string, string>>; until?: Date | null; ticketId?: string | null } = {},
  ) {
    super(code);
    this.code = code;
    this.detail = detail;
    this.headers = more.headers ?? {};
    this.until = more.until ?? null;
    this.ticketId = more.ticketId ?? null;
  }

  get status(): number {
    return statusOf(this.code);
  }

  toJSON(): z.input<typeof problemSchema> {
    const { code, detail, status, until, ticketId } = this;
    return {
      type: `urn:hypogeum:problem:${code.toLowerCase().replaceAll("_", "-")}`,
      title: kinds[code].title,
      status,
      ...(detail !== undefined && { detail }),
      code,
      error: code,
      ...(until !== null && { until: until.toISOString() }),
      ...(ticketId !== null && { ticketId }),
    };
  }
}
