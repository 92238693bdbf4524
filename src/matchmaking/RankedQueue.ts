/**
 * The interface of the ranked queue for queue and party rooms. An entry is one player or one party; its listener is notified of
 * changes.
 */
import type { QueuePlayer, SeatReservation, Strategy } from "../../schema/queueRequests.ts";

/** Only entries with the same key can be matched with each other. */
export interface QueueKey {
  readonly mode: string;
  readonly strategy: Strategy;
  readonly region: string;
  readonly rulesVersion: string;
}

export interface QueueRequest extends QueueKey {
  /** One player, or the members of a party, who are never split. */
  readonly players: readonly QueuePlayer[];
  /** Code of the party; null for a single player. */
  readonly party: string | null;
  /** Unix ms. Set it if the wait began before this call, for example because the pool has lost the entry. Default: now. */
  readonly enteredAt?: number;
}

/** How an entry ends. */
export type Gone = "confirmed" | "cancelled" | "declined" | "expired";

/** Notified of changes of an entry. Must not throw. */
export interface QueueListener {
  /**
   * A match was found. `seats`: by player id. Each player must confirm by `confirmBy`, on the clock of
   * `performance.now()`.
   */
  found(seats: Readonly<Record<string, SeatReservation>>, confirmBy: number): void;
  /** The match will not be played; the entry continues to wait with its original time. */
  returned(): void;
  /**
   * The entry has ended. `replaced`: the player entered again on another connection. `missing`: ids of its players who had not
   * confirmed a match that was found for it.
   */
  gone(how: Gone | "replaced", missing: readonly string[]): void;
}

export interface QueuedEntry {
  readonly entryId: string;
  /** Unix ms. */
  readonly enteredAt: number;
}

export interface QueueFigures {
  /** Number of waiting players. */
  readonly waiting: number;
  /** Average wait of recently matched entries, in ms; null before the first match. */
  readonly waitMs: number | null;
}

export interface RankedQueue {
  /**
   * Resolves to null if one of the players is already in the queue with another entry. That entry stays. Rejects with
   * `QueueCooldown` if one of the players may not queue now.
   */
  enter(request: QueueRequest, listener: QueueListener): Promise<QueuedEntry | null>;
  /** Rejects with `QueueCooldown` if the player may not queue now. */
  requireNoCooldown(playerId: string): Promise<void>;
  /**
   * Leaves the queue. This also declines a found match, unless all players of the entry have confirmed it. `playerId`: the player
   * who is responsible for that, and gets a cooldown.
   */
  leave(entryId: string, playerId?: string): Promise<void>;
  /**
   * Confirms, for one player, the match that was found for the entry. `again`: the player had already confirmed. `late`: the
   * time to confirm has passed. `unknown`: no match was found, or it was dissolved.
   */
  confirm(entryId: string, playerId: string): Promise<"confirmed" | "again" | "late" | "unknown">;
  figures(key: QueueKey): Promise<QueueFigures>;
}
