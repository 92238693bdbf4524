/**
 * What the queue remembers about how players behave: those who leave a found match may not queue for a while, and those who were
 * left keep their place. A cooldown and a place each concern one player.
 */
import type { NewEntry } from "../waitingPool/Pool.ts";

/** How long a kept place can be used. */
export const PLACE_MS = 60_000;
/** Cooldowns grow with the number of times within this period. */
export const OFFENCES_MS = 86_400_000;

export interface Conduct {
  /** Starts the cooldown of a player. It lasts longer each time within `OFFENCES_MS`. */
  addOffence(playerId: string): Promise<void>;
  /** Resolves to the longest remaining cooldown of these players, in ms; 0 if there is none. */
  cooldownMs(playerIds: readonly string[]): Promise<number>;
  /** Keeps the place of these players in the queue of a mode. `enteredAt`: when their wait began, Unix ms. */
  keepPlace(playerIds: readonly string[], mode: string, enteredAt: number): Promise<void>;
  /** Uses up the places of these players. Resolves to when the wait began; null unless each of them has a place. */
  takePlace(playerIds: readonly string[], mode: string): Promise<number | null>;
}

/** The player, or a member of the party, has a cooldown. */
export class QueueCooldown extends Error {
  override readonly name = "QueueCooldown";
  readonly seconds: number;

  constructor(ms: number) {
    super("a player of the entry left a found match a short time ago");
    this.seconds = Math.ceil(ms / 1000);
  }
}

/** Rejects with `QueueCooldown` if one of the players may not queue now. */
export async function requireNoCooldown(conduct: Conduct, playerIds: readonly string[]): Promise<void> {
  const ms = await conduct.cooldownMs(playerIds);
  if (ms > 0) throw new QueueCooldown(ms);
}

/**
 * Returns the entry as it is to be put into the pool: with the time of a kept place, if its players have one. Rejects with
 * `QueueCooldown`.
 */
export async function admitToPool(conduct: Conduct, entry: NewEntry): Promise<NewEntry> {
  const ids = entry.players.map(({ playerId }) => playerId);
  await requireNoCooldown(conduct, ids);
  const enteredAt = entry.enteredAt ?? (await conduct.takePlace(ids, entry.mode));
  return enteredAt === null ? entry : { ...entry, enteredAt };
}

/** Returns the cooldown in ms after a number of offences; `seconds` has one value for each, and the last one repeats. */
export const cooldownAfter = (seconds: readonly number[], offences: number): number =>
  1000 * (seconds[Math.min(offences, seconds.length) - 1] ?? 0);
