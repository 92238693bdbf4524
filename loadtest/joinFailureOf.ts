/** Names refusals in reports as `schema/codes.ts` does, so that an operator can look them up. */
import { frameworkRefusals, refusals } from "../schema/codes.ts";
import { JoinFailure } from "./Connection.ts";

const names = new Map<number, string>(
  Object.entries({ ...refusals, ...frameworkRefusals }).map(([name, { code }]) => [code, name]),
);

/** Returns the failure for the code of an HTTP response or of a join error. */
export function joinFailureOf(code: number | string | undefined): JoinFailure {
  const name = names.get(Number(code));
  return name === undefined
    ? new JoinFailure(`HTTP ${code ?? "without an answer"}`, code === 429)
    : new JoinFailure(name, true);
}

/**
 * Returns the failure for a network error. Its reason does not contain the server's address, because reports may be published.
 */
export function networkFailure(error: unknown): JoinFailure {
  const { name, code, cause } = error as { name?: string; code?: string; cause?: { code?: string } };
  return new JoinFailure(cause?.code ?? code ?? name ?? "network", false);
}
