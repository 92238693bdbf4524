/**
 * The keys under which the drivers index open rooms by rating band and all rooms by their players, and the queries that these
 * indexes answer.
 *
 * A room is open if it is neither locked nor private. It has a band if its listing has a whole-number `band`, which `filterBy`
 * puts there. Rooms with the same name and the same other filter values form one pool.
 */
import type { IRoomCache } from "@colyseus/core";

/** A listing with the ids of the players who have a seat in the room. */
export interface SeatedListing extends IRoomCache {
  readonly seated?: readonly string[];
}

/** What both drivers answer in addition to the framework's queries. */
export interface SeatQueries {
  /** Resolves to the listings of the rooms in which the player has a seat, oldest first. */
  roomsOf(playerId: string): Promise<SeatedListing[]>;
}

/** The conditions of `findOne`. */
export type Conditions = Readonly<Record<string, unknown>>;

export interface BandKey {
  readonly pool: string;
  readonly band: number;
}

const FILTERS = ["mode", "region", "rulesVersion"] as const;
const BANDED = new Set<string>(["name", "locked", "private", "band", ...FILTERS]);

function poolOf(name: unknown, values: Conditions): string {
  return JSON.stringify([name, ...FILTERS.map((filter) => values[filter] ?? null)]);
}

/** Index key of a listing; null for a room that is not open or has no band. */
export function bandKeyOf(room: IRoomCache): BandKey | null {
  const band = room.metadata?.band;
  if (room.locked || room.private || !Number.isSafeInteger(band)) return null;
  return { pool: poolOf(room.name, room.metadata), band };
}

/** The requested pool and band; null if the query does not ask for an open room by band. */
export function bandQueryOf(conditions: Conditions): BandKey | null {
  const { name, locked, private: hidden, band } = conditions;
  if (name === undefined || locked !== false || hidden !== false || !Number.isSafeInteger(band)) return null;
  if (!Object.keys(conditions).every((key) => BANDED.has(key))) return null;
  return { pool: poolOf(name, conditions), band: band as number };
}

/** The room name if the query asks for open rooms of one name, which are indexed; otherwise null. */
export function openRoomNameOf(conditions: Conditions): string | null {
  const { name, locked, private: hidden } = conditions;
  return locked === false && hidden === false && typeof name === "string" ? name : null;
}
