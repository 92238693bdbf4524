/**
 * Owns where an open room stands in the index of the Elo filter, and which questions that index answers. Pure.
 *
 * A room is open when it is neither locked nor private. It is banded when its listing carries a whole-number `band`
 * (`filterBy` puts it there); rooms of the same name and the same other filter values form one pool.
 */
import type { IRoomCache } from "@colyseus/core";

/** What `findOne` is asked with. */
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

/** Place of a listing in the index; null for a room that is not open, or has no band. */
export function bandKeyOf(room: IRoomCache): BandKey | null {
  const band = room.metadata?.band;
  if (room.locked || room.private || !Number.isSafeInteger(band)) return null;
  return { pool: poolOf(room.name, room.metadata), band };
}

/** The pool and band that are asked for; null where the question is not one of the Elo filter. */
export function bandQueryOf(conditions: Conditions): BandKey | null {
  const { name, locked, private: hidden, band } = conditions;
  if (name === undefined || locked !== false || hidden !== false || !Number.isSafeInteger(band)) return null;
  if (!Object.keys(conditions).every((key) => BANDED.has(key))) return null;
  return { pool: poolOf(name, conditions), band: band as number };
}

/** Whether only open rooms of one name are asked for: those are indexed by name. */
export function openRoomNameOf(conditions: Conditions): string | null {
  const { name, locked, private: hidden } = conditions;
  return locked === false && hidden === false && typeof name === "string" ? name : null;
}
