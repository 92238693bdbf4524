/** Maps errors of other parts to the problem that a client gets. */
import { QuotaReached } from "../matchmaking/quotas/QuotaReached.ts";
import { TicketProblem } from "../matchmaking/Tickets.ts";
import { isUnavailable } from "../platform/sql/DatabaseUnavailable.ts";
import { TokenError } from "../players/auth/Tokens.ts";
import { IdentityError } from "../players/identity/IdentityError.ts";
import { PasswordsBusy } from "../players/identity/Passwords.ts";
import { RankingsUnavailable } from "../players/rankings/Rankings.ts";
import { headersAtLimit } from "./limits.ts";
import { Problem, statusOf } from "./problems.ts";

/** The part of a problem that says when the request may succeed. */
export const RETRY = { headers: { "retry-after": "2" } };
const CHALLENGE = { headers: { "www-authenticate": 'Bearer realm="hypogeum"' } };

/** SQL state for a text that PostgreSQL cannot store, such as one with a NUL. */
const UNSTORABLE_TEXT = "22021";

export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof TokenError) return new Problem(error.refusal, undefined, CHALLENGE);
  if (error instanceof IdentityError) {
    if (error.refusal === "BANNED") return new Problem("BANNED", error.message, { until: error.until });
    const detail = error.message === error.refusal ? undefined : error.message;
    return new Problem(error.refusal, detail, error.refusal === "IDENTITY_UNAVAILABLE" ? RETRY : {});
  }
  if (error instanceof TicketProblem) {
    const { code, ticketId, retryAfterSeconds } = error;
    if (retryAfterSeconds !== null) {
      const detail = `The player may queue again in ${retryAfterSeconds} s.`;
      return new Problem(code, detail, { ticketId, headers: { "retry-after": String(retryAfterSeconds) } });
    }
    const detail = error.message === code ? undefined : error.message;
    return new Problem(code, detail, { ticketId, ...(statusOf(code) === 503 && RETRY) });
  }
  if (error instanceof QuotaReached) {
    const headers = headersAtLimit(error.max, error.retryAfterSeconds);
    return new Problem("TOO_MANY_STREAMS", error.message, { headers });
  }
  if ((error as { refusal?: string }).refusal === "SERVER_BUSY") return new Problem("SERVER_BUSY", undefined, RETRY);
  if (error instanceof RankingsUnavailable) return new Problem("RANKINGS_UNAVAILABLE", undefined, RETRY);
  if (error instanceof PasswordsBusy || isUnavailable(error)) return new Problem("UNAVAILABLE", undefined, RETRY);
  if ((error as { code?: string }).code === UNSTORABLE_TEXT) return new Problem("INPUT_INVALID");
  return new Problem("INTERNAL");
}
