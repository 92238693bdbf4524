/** Texts for failed joins and closed connections, by the codes of `schema/codes.ts` and `schema/queueCodes.ts`. */
import { closeCodes, frameworkRefusals, refusals } from "../../schema/codes.ts";
import { queueCloseCodes, queueRefusals } from "../../schema/queueCodes.ts";
import { texts } from "../texts.ts";

interface Failure {
  readonly code?: number | string;
  readonly message?: string;
}

const allRefusals = { ...refusals, ...queueRefusals };
type RefusalName = keyof typeof allRefusals;

const SIGN_IN_AGAIN: readonly RefusalName[] = ["TOKEN_MISSING", "TOKEN_INVALID", "TOKEN_EXPIRED", "TOKEN_REVOKED"];

const REFUSED: Partial<Record<RefusalName, string>> = texts.refusals;

const allCloseCodes = { ...closeCodes, ...queueCloseCodes };

const CLOSED = new Map<number, string>(
  Object.entries(texts.closed).map(([name, text]) => [allCloseCodes[name as keyof typeof texts.closed].code, text]),
);

const refusalOf = ({ code, message = "" }: Failure): RefusalName | undefined =>
  (Object.keys(allRefusals) as RefusalName[]).find(
    (name) => message.startsWith(name) || allRefusals[name].code === code,
  );

/** Whether the server refused the sign-in token (missing, expired, forged, or signed with another secret). */
export function isTokenRefused(error: unknown): boolean {
  const refusal = refusalOf(error as Failure);
  return refusal !== undefined && SIGN_IN_AGAIN.includes(refusal);
}

/** Whether the requested room no longer exists, so that there is no point in trying again. */
export const isRoomGone = (error: unknown): boolean =>
  (error as Failure).code === frameworkRefusals.MATCHMAKE_INVALID_ROOM_ID.code;

const LOST: readonly number[] = [
  closeCodes.CUT_OFF.code,
  closeCodes.SERVER_SHUTDOWN.code,
  closeCodes.FAILED_TO_RECONNECT.code,
];

/** Whether a connection ended unintentionally, so that joining again makes sense. */
export const isConnectionLoss = (code: number): boolean => LOST.includes(code);

/** Why the page could not join, in one or two sentences for the player. */
export function describeFailure(error: unknown): string {
  const { code, message = "" } = error as Failure;
  const refusal = refusalOf(error as Failure);
  if (refusal !== undefined) return REFUSED[refusal] ?? texts.failures.refused(message.replace(/^[A-Z_]+: /, ""));
  if (code === frameworkRefusals.MATCHMAKE_EXPIRED.code) return texts.failures.seatExpired;
  if (code === 429) return texts.failures.tooManyAttempts;
  if (code === 502 || code === 503 || code === 504) return texts.failures.overloaded;
  if (typeof code !== "number" || code < 100) return texts.failures.unreachable;
  return texts.failures.refusedWithCode(code, message);
}

/** Why the server closed a connection, in one or two sentences for the player. */
export function describeClose(code: number, reason: string): string {
  return CLOSED.get(code) ?? texts.closedWithCode(code, reason);
}
