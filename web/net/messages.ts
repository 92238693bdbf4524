/** Owns the wording of everything that can go wrong between the page and the server. */
import { ErrorCode } from "@colyseus/sdk";

interface Failure {
  readonly code?: number | string;
  readonly message?: string;
}

/** Whether the server refused the sign-in token (expired, forged, or signed with another secret). */
export function isRefusedToken(error: unknown): boolean {
  const { code, message = "" } = error as Failure;
  return code === ErrorCode.AUTH_FAILED || code === 401 || /token|unauthori[sz]ed/i.test(message);
}

/** One or two sentences for people. */
export function describeFailure(error: unknown): string {
  const { code, message = "" } = error as Failure;
  if (/RULES_TOO_OLD/.test(message)) return "This page is older than the server. Reload the page to get the new rules.";
  if (/RULES_TOO_NEW/.test(message))
    return "This page is newer than the server, which is being updated. Try again in a minute, or reload the page.";
  if (isRefusedToken(error)) return "The server does not accept your sign-in. Reload the page to sign in anew.";
  if (/banned/i.test(message)) return `You may not join: ${message}`;
  if (code === 429 || /too many/i.test(message))
    return "Too many tries in a short time. Wait a moment, then try again.";
  if (code === 503 || /full|drain|shutting down|unavailable/i.test(message))
    return "The server is full or about to restart. Try again in a minute.";
  if (code === undefined || typeof code === "string" || /fetch|network/i.test(message))
    return "The server cannot be reached. Check your connection, then try again.";
  return `The server refused: ${message || `code ${code}`}`;
}

/** Why a running match ended for this page, from the code with which the socket closed. */
export function describeClose(code: number, reason: string): string {
  if (code === 4001) return "The server is shutting down. Try again in a minute.";
  if (code === 4002) return "The server closed the connection because this page sent too much.";
  if (code === 1006 || code === 4003) return "The connection was lost and could not be restored in time.";
  return reason === ""
    ? `The server closed the connection (code ${code}).`
    : `The server closed the connection: ${reason}`;
}
