/** Owns what can go wrong for a caller: one stable `type` each, as RFC 9457 problem details. */
import * as z from "zod";
import { ticketProblems } from "../matchmaking/Tickets.ts";

interface Kind {
  readonly status: number;
  readonly title: string;
}

const kinds = {
  INPUT_INVALID: { status: 400, title: "A parameter or the body is not what the route takes." },
  RESET_INVALID: { status: 401, title: "The reset token is unknown, used or too old. Ask for another." },
  TOKEN_MISSING: { status: 401, title: "No bearer token came with the request." },
  TOKEN_INVALID: { status: 401, title: "The token was not signed for this server." },
  TOKEN_EXPIRED: { status: 401, title: "The token has run out." },
  TOKEN_REVOKED: { status: 401, title: "The token was made void." },
  CREDENTIALS_WRONG: { status: 401, title: "E-mail address or password is wrong." },
  OPERATOR_ONLY: { status: 401, title: "Only the operator may do this." },
  BANNED: { status: 403, title: "The player is banned." },
  ROUTE_UNKNOWN: { status: 404, title: "There is no such route." },
  PLAYER_UNKNOWN: { status: 404, title: "There is no such player." },
  MATCH_UNKNOWN: { status: 404, title: "No finished match has that id." },
  RECORDING_UNKNOWN: { status: 404, title: "There is no recording of that match." },
  SEASON_UNKNOWN: { status: 404, title: "There is no such season." },
  NOT_RANKED: { status: 404, title: "The player is not on this board." },
  METHOD_NOT_ALLOWED: { status: 405, title: "The route knows other methods." },
  EMAIL_TAKEN: { status: 409, title: "The e-mail address has an account." },
  NAME_REFUSED: { status: 409, title: "This may not be a name." },
  NAME_TAKEN: { status: 409, title: "Another account has this name." },
  MATCH_RUNNING: { status: 409, title: "The match is still on." },
  LENGTH_REQUIRED: { status: 411, title: "A body comes with its length." },
  BODY_TOO_LARGE: { status: 413, title: "The body is too large." },
  MEDIA_TYPE_UNSUPPORTED: { status: 415, title: "The body is not JSON." },
  TOO_MANY_REQUESTS: { status: 429, title: "Too many requests." },
  INTERNAL: { status: 500, title: "The server failed." },
  MAIL_NOT_CONFIGURED: { status: 501, title: "This server sends no mail." },
  UNAVAILABLE: { status: 503, title: "What this needs is away. Try again." },
  IDENTITY_UNAVAILABLE: { status: 503, title: "Who this is cannot be told now. Try again." },
  RANKINGS_UNAVAILABLE: { status: 503, title: "The ranking is being made anew. Try again." },
  SERVER_BUSY: { status: 503, title: "The server has all the players that it can serve on time. Try again." },
  ...ticketProblems,
} as const satisfies Record<string, Kind>;

export type ProblemCode = keyof typeof kinds;
export const problemCodes = Object.keys(kinds) as ProblemCode[];
export const statusOf = (code: ProblemCode): number => kinds[code].status;

export const problemSchema = z
  .object({
    type: z.string().meta({ description: "`urn:hypogeum:problem:` and the code; never changes its meaning" }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    code: z.enum(problemCodes as [ProblemCode, ...ProblemCode[]]),
    error: z.string().meta({ description: "The code again, where the Colyseus SDK looks for it" }),
    until: z.iso.datetime().optional().meta({ description: "End of a ban" }),
    ticketId: z.string().optional().meta({ description: "The ticket that stands in the way" }),
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
