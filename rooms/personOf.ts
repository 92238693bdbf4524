/** Owns how an admitted client becomes a person at a seat. Pure. */
import type { AdmittedOptions } from "../schema/joinOptions.ts";
import type { Person } from "./Seats.ts";
import type { Identity } from "./services.ts";

export function personOf(
  sessionId: string,
  { name, source }: AdmittedOptions,
  { playerId, kind, rating, games }: Identity,
  rankAnonymous: boolean,
): Person {
  return {
    ...{ sessionId, playerId, rating, games },
    name: name ?? `Player-${playerId.slice(0, 4)}`,
    ratable: source !== "private" && (kind === "account" || rankAnonymous),
  };
}
