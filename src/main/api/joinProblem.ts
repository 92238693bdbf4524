/** The problem details (RFC 9457) of a refused or failed matchmaking request. */
import { frameworkRefusals, refusals } from "../../../schema/codes.ts";
import { queueRefusals } from "../../../schema/queueCodes.ts";
import { headersAtLimit } from "../../api/limits.ts";
import { faultOfState } from "../../platform/sql/faults.ts";

export interface JoinProblem {
  readonly type: string;
  readonly title: string;
  /** The code of the refusal (`schema/codes.ts`), which is also the HTTP status. */
  readonly status: number;
  readonly detail?: string;
  /** Same as `status`. */
  readonly code: number;
  /** The name and a text; the SDK makes it the message of its error. */
  readonly error: string;
}

const allRefusals = { ...refusals, ...queueRefusals, ...frameworkRefusals };
type JoinRefusal = keyof typeof allRefusals;

/** The default of `Retry-After`. */
export const RETRY_SECONDS = 2;
/** Refusals after which the same request may succeed. */
const TEMPORARY = new Set<number>(
  (["NOT_ACCEPTING", "IDENTITY_UNAVAILABLE", "SERVER_BUSY", "QUEUE_UNAVAILABLE"] as const).map(
    (name) => allRefusals[name].code,
  ),
);

export function joinProblem(name: JoinRefusal, message?: string): JoinProblem {
  const { code, meaning } = allRefusals[name];
  const error = message ?? `${name}: ${meaning}`;
  const detail = error.startsWith(`${name}: `) ? error.slice(name.length + 2) : error;
  return {
    type: `urn:hypogeum:problem:${name.toLowerCase().replaceAll("_", "-")}`,
    title: meaning,
    status: code,
    ...(detail !== meaning && { detail }),
    ...{ code, error },
  };
}

/**
 * The end of the texts of `queueRefusal` and `QuotaReached`. It is parsed, because the framework passes on only code and text of an
 * error.
 */
const SECONDS = /\bin (\d+) s$/;
/** The limit in the text of `QuotaReached`. */
const EXPECTED_MAX = /, expected at most (\d+): /;

/** Returns `Retry-After`, and after `QuotaReached` also the `RateLimit-*` headers. */
export function retryHeaders({ status, error }: JoinProblem): Readonly<Record<string, string>> {
  const seconds = SECONDS.exec(error)?.[1];
  const max = EXPECTED_MAX.exec(error)?.[1];
  if (seconds !== undefined && max !== undefined) return headersAtLimit(Number(max), Number(seconds));
  if (seconds !== undefined) return { "retry-after": seconds };
  return TEMPORARY.has(status) ? { "retry-after": String(RETRY_SECONDS) } : {};
}

const ownRefusals: object = { ...refusals, ...queueRefusals };

/**
 * Returns the name with which the text of a refusal begins. Needed for errors of rooms on other processes, which arrive without a
 * code.
 */
function nameIn(text = ""): JoinRefusal | undefined {
  const [, name] = /^([A-Z_]+): /.exec(text) ?? [];
  return name !== undefined && Object.hasOwn(ownRefusals, name) ? (name as JoinRefusal) : undefined;
}

/** The codes of errors whose text is for clients. The text of any other error may describe internals of this server. */
const nameByCode = new Map<unknown, JoinRefusal>(
  (Object.keys(allRefusals) as JoinRefusal[])
    .filter((name) => name !== "MATCHMAKE_UNHANDLED")
    .map((name) => [allRefusals[name].code, name]),
);

/** Texts of ioredis and Redis. The framework drops the class of an error, but keeps its code. */
const REDIS_UNAVAILABLE =
  /max retries per request|^Connection is closed|^Stream isn't writeable|^Command timed out|^(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|OOM) /;

/** Node's errors of the connection to any service, such as `ECONNREFUSED`. */
const CONNECTION_ERROR = /^E[A-Z]/;
const SQL_STATE = /^[0-9A-Z]{5}$/;

function isTemporaryCode(code: unknown): boolean {
  if (typeof code !== "string") return false;
  return CONNECTION_ERROR.test(code) || (SQL_STATE.test(code) && faultOfState(code) !== "statement");
}

/** Redis, or another service that joins need, cannot be used at the moment. */
export const unavailable = joinProblem(
  "NOT_ACCEPTING",
  "NOT_ACCEPTING: a service that joins need is unavailable. Try again in a moment.",
);

/** `isExpected`: the request was refused. Otherwise the server failed, and only its log should say why. */
export function joinProblemOf(error: unknown): {
  readonly name: JoinRefusal;
  readonly problem: JoinProblem;
  readonly isExpected: boolean;
} {
  const { code, message } = error as { readonly code?: unknown; readonly message?: string };
  const name = nameByCode.get(code) ?? nameIn(message);
  if (name !== undefined) return { name, problem: joinProblem(name, message), isExpected: true };
  const isTemporary = isTemporaryCode(code) || REDIS_UNAVAILABLE.test(message ?? "");
  if (isTemporary) return { name: "NOT_ACCEPTING", problem: unavailable, isExpected: false };
  return { name: "MATCHMAKE_UNHANDLED", problem: joinProblem("MATCHMAKE_UNHANDLED"), isExpected: false };
}
