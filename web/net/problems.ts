/** Owns the wording of what the REST API and sign-in refuse, by the `code` of their problem details. */
import { describeFailure } from "./messages.ts";

interface FailedRequest {
  readonly data?: { readonly code?: string; readonly detail?: string; readonly until?: string };
}

const PROBLEMS: Readonly<Record<string, string>> = {
  INPUT_INVALID: "The server does not take what was entered.",
  CREDENTIALS_WRONG: "E-mail address or password is wrong.",
  RESET_INVALID: "This link was used already, or is older than half an hour. Ask for a new one.",
  MAIL_NOT_CONFIGURED: "This server sends no mail. Ask those who run it for help with your password.",
  EMAIL_TAKEN: "This e-mail address has an account already. Sign in instead.",
  NAME_REFUSED: "A name is 2 to 24 letters and digits, with single spaces or . _ ' - between them.",
  NAME_TAKEN: "Another account has this name. Choose another.",
  PLAYER_UNKNOWN: "There is no such player.",
  MATCH_UNKNOWN: "There is no such match, or it has not ended yet.",
  TOO_MANY_REQUESTS: "Too many tries in a short time. Wait a moment, then try again.",
  UNAVAILABLE: "The server cannot reach its records now. Try again in a minute.",
  IDENTITY_UNAVAILABLE: "The server cannot reach its records now. Try again in a minute.",
  RANKINGS_UNAVAILABLE: "The ranking is being made anew. Try again in a moment.",
  TOKEN_MISSING: "You are not signed in.",
  TOKEN_INVALID: "Your sign-in is no longer accepted. Sign in anew.",
  TOKEN_EXPIRED: "Your sign-in has run out. Sign in anew.",
  TOKEN_REVOKED: "You were signed out. Sign in anew.",
};

/** The problem's code; undefined where the answer was none of the API's. */
export const problemCode = (error: unknown): string | undefined => (error as FailedRequest).data?.code;

/** Why the name cannot be had, as opposed to why it could not be asked for. */
export const isRefusedName = (error: unknown): boolean => /^NAME_/.test(problemCode(error) ?? "");

/** Whether the token is no longer good for anything. */
export const isLostSignIn = (error: unknown): boolean => /^TOKEN_/.test(problemCode(error) ?? "");

/** What went wrong, in one or two sentences for people. */
export function describeProblem(error: unknown): string {
  const code = problemCode(error);
  const { detail, until } = (error as FailedRequest).data ?? {};
  if (code === "BANNED" && until !== undefined) return `You are banned until ${new Date(until).toLocaleString()}.`;
  const text = code === undefined ? undefined : PROBLEMS[code];
  if (text === undefined) return describeFailure(error);
  return code === "INPUT_INVALID" && detail !== undefined ? `${text} ${detail}` : text;
}
