/** Names refusals in reports as `schema/codes.ts` does, so that an operator can look them up. */
import { frameworkRefusals, refusals } from "../schema/codes.ts";
import { Refusal } from "./Connection.ts";

const names = new Map<number, string>(
  Object.entries({ ...refusals, ...frameworkRefusals }).map(([name, { code }]) => [code, name]),
);

/** Returns the refusal for the code of an HTTP response or of a join error. */
export function refusalOf(code: number | string | undefined): Refusal {
  const name = names.get(Number(code));
  return name === undefined
    ? new Refusal(`HTTP ${code ?? "without an answer"}`, code === 429)
    : new Refusal(name, true);
}

/**
 * Returns the refusal for a network error. It does not contain the server's address, because reports may be shared with others.
 */
export function networkRefusal(error: unknown): Refusal {
  const { name, code, cause } = error as { name?: string; code?: string; cause?: { code?: string } };
  return new Refusal(cause?.code ?? code ?? name ?? "network", false);
}
