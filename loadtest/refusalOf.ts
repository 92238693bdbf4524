/** Owns how a refusal is named in reports: by the names of `schema/codes.ts`, so that an operator can look them up. */
import { frameworkRefusals, refusals } from "../schema/codes.ts";
import { Refusal } from "./Connection.ts";

const names = new Map<number, string>(
  Object.entries({ ...refusals, ...frameworkRefusals }).map(([name, { code }]) => [code, name]),
);

/** From an answer's or a join error's number. */
export function refusalOf(code: number | string | undefined): Refusal {
  const name = names.get(Number(code));
  return name === undefined
    ? new Refusal(`HTTP ${code ?? "without an answer"}`, code === 429)
    : new Refusal(name, true);
}

/** Without an address in it: reports are handed on. */
export function networkRefusal(error: unknown): Refusal {
  const { name, code, cause } = error as { name?: string; code?: string; cause?: { code?: string } };
  return new Refusal(cause?.code ?? code ?? name ?? "network", false);
}
