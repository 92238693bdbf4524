/** Texts for what the REST API and sign-in refuse, by the `code` of their problem details. */
import { texts } from "../texts.ts";
import { describeFailure } from "./messages.ts";

interface FailedRequest {
  readonly message?: string;
  readonly data?: { readonly code?: string; readonly detail?: string; readonly until?: string };
}

/** Problems whose detail says what exactly is wrong. */
const EXPLAINED: readonly string[] = ["INPUT_INVALID", "NAME_REFUSED"];

const PROBLEMS: Readonly<Record<string, string>> = texts.problems;

/** The code of the problem; undefined if the error is not an answer of the API. */
export const problemCode = (error: unknown): string | undefined => (error as FailedRequest).data?.code;

/** How a room refuses a name, with what is wrong with it. */
const NAME_OPTION = /^OPTIONS_INVALID: name: (.*)/s;

/** Whether the name itself was refused, not the request for another reason. */
export const isNameRefused = (error: unknown): boolean =>
  /^NAME_/.test(problemCode(error) ?? "") || NAME_OPTION.test((error as FailedRequest).message ?? "");

/** Whether the token is no longer valid. */
export const isSignInLost = (error: unknown): boolean => /^TOKEN_/.test(problemCode(error) ?? "");

/** What went wrong, in one or two sentences for the player. */
export function describeProblem(error: unknown): string {
  const { message = "", data = {} } = error as FailedRequest;
  const [, badName] = NAME_OPTION.exec(message) ?? [];
  if (badName !== undefined) return texts.explained(PROBLEMS.NAME_REFUSED, badName);
  const { code, detail, until } = data;
  if (code === "BANNED" && until !== undefined) return texts.banned(new Date(until).toLocaleString());
  const text = code === undefined ? undefined : PROBLEMS[code];
  if (text === undefined) return describeFailure(error);
  return detail !== undefined && EXPLAINED.includes(code!) ? texts.explained(text, detail) : text;
}
