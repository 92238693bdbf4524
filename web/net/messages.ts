/** Owns the wording of everything that can go wrong between the page and the server, by the codes of `schema/codes.ts`. */
import { closeCodes, frameworkRefusals, refusals } from "../../schema/codes.ts";
import { queueCloseCodes, queueRefusals } from "../../schema/queueCodes.ts";

interface Failure {
  readonly code?: number | string;
  readonly message?: string;
}

const allRefusals = { ...refusals, ...queueRefusals };
type Refusal = keyof typeof allRefusals;

const SIGN_IN_ANEW: readonly Refusal[] = ["TOKEN_MISSING", "TOKEN_INVALID", "TOKEN_EXPIRED", "TOKEN_REVOKED"];

const REFUSED: Partial<Record<Refusal, string>> = {
  TOKEN_MISSING: "The server does not accept your sign-in. Reload the page to sign in anew.",
  TOKEN_INVALID: "The server does not accept your sign-in. Reload the page to sign in anew.",
  TOKEN_EXPIRED: "Your sign-in has run out. Reload the page to sign in anew.",
  TOKEN_REVOKED: "You were signed out. Sign in again to play with your account.",
  MODE_UNKNOWN: "The server does not offer this mode. Choose another.",
  RULES_TOO_OLD: "This page is older than the server. Reload the page to get the new rules.",
  RULES_TOO_NEW:
    "The server plays older rules than this page. It may be about to be updated: reload the page in a minute.",
  ALREADY_SEATED:
    "You already sit in that match: in another tab, or from before. Go back there, or try again in 20 seconds. To play against yourself, open a private window.",
  MATCH_ENDED: "That match has just ended. Try again.",
  MATCH_FULL: "That match has just filled up. Try again.",
  ALREADY_QUEUED: "You are in the queue already: in another tab, with a party, or by a ticket. Leave it there first.",
  CONFIRM_LATE: "The time to confirm was over.",
  PARTY_REFUSED: "The leader has put you out of this party; you cannot join it again.",
  PARTY_QUEUED: "The party is in the queue just now. Its leader has to cancel before somebody can join.",
};

const CLOSED = new Map<number, string>([
  [closeCodes.SERVER_SHUTDOWN.code, "The server is shutting down. Try again in a minute."],
  [closeCodes.WITH_ERROR.code, "The server closed the connection: it was sent something that it does not allow."],
  [closeCodes.FAILED_TO_RECONNECT.code, "The connection was lost and could not be restored in time."],
  [closeCodes.CUT_OFF.code, "The connection was lost and could not be restored in time."],
  [closeCodes.MATCH_ABORTED.code, "The match failed inside the server and was stopped. It does not count."],
  [queueCloseCodes.MATCH_UNCONFIRMED.code, "Somebody did not confirm, so the match is not played."],
  [queueCloseCodes.QUEUE_EXPIRED.code, "You did not confirm the match in time, so you are out of the queue."],
  [queueCloseCodes.QUEUE_REPLACED.code, "You have come in by another tab. This one has given its place to it."],
  [queueCloseCodes.PARTY_KICKED.code, "The leader has put you out of the party."],
]);

const refusalOf = ({ code, message = "" }: Failure): Refusal | undefined =>
  (Object.keys(allRefusals) as Refusal[]).find((name) => message.startsWith(name) || allRefusals[name].code === code);

/** Whether the server refused the sign-in token (missing, run out, forged, or signed with another secret). */
export function isRefusedToken(error: unknown): boolean {
  const refusal = refusalOf(error as Failure);
  return refusal !== undefined && SIGN_IN_ANEW.includes(refusal);
}

/** Whether the room that was asked for exists no more, so that asking again is in vain. */
export const isGoneRoom = (error: unknown): boolean =>
  (error as Failure).code === frameworkRefusals.MATCHMAKE_INVALID_ROOM_ID.code;

const LOST: readonly number[] = [
  closeCodes.CUT_OFF.code,
  closeCodes.SERVER_SHUTDOWN.code,
  closeCodes.FAILED_TO_RECONNECT.code,
];

/** Whether a connection ended by nobody's will, so that it is worth while to come in anew. */
export const isLostClose = (code: number): boolean => LOST.includes(code);

/** Why the page could not join, in one or two sentences for people. */
export function describeFailure(error: unknown): string {
  const { code, message = "" } = error as Failure;
  const refusal = refusalOf(error as Failure);
  if (refusal !== undefined) return REFUSED[refusal] ?? `The server refused. ${message.replace(/^[A-Z_]+: /, "")}`;
  if (code === frameworkRefusals.MATCHMAKE_EXPIRED.code) return "That seat is no longer held. Wait for the next one.";
  if (code === 429) return "Too many tries in a short time. Wait a moment, then try again.";
  if (code === 502 || code === 503 || code === 504) return "The server is full or restarting. Try again in a minute.";
  if (typeof code !== "number" || code < 100)
    return "The server cannot be reached. Check your connection, then try again.";
  return `The server refused (${code}). ${message}`;
}

/** Why a running match ended for this page, from the code with which the socket closed. */
export function describeClose(code: number, reason: string): string {
  return CLOSED.get(code) ?? `The server closed the connection (${code}). ${reason}`.trim();
}
