import type { AdmittedOptions } from "../../schema/joinOptions.ts";
import type { Identity } from "../../src/players/identity/Admission.ts";
import type { SeatedPlayer } from "./Seats.ts";

/** What a match knows of a player who takes a seat. */
export type PlayerAtSeat = Omit<Identity, "kind" | "version">;

export function toSeatedPlayer(
  sessionId: string,
  options: AdmittedOptions,
  { playerId, name, rating, games, deviation = null }: PlayerAtSeat,
): SeatedPlayer {
  return {
    ...{ sessionId, playerId, rating, games, deviation },
    name: name ?? options.name ?? `Player-${playerId.slice(0, 4)}`,
    // A rating change is computed from the rating at the start, so that rating must be known.
    options: options.options,
    isRatable: options.source !== "private" && rating !== null,
  };
}
