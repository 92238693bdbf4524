/**
 * The ranked queue as queue and party rooms use it: an entry is one player or one party, and its listener is notified of what
 * becomes of it.
 */
import type { QueuePlayer, SeatReservation, Strategy } from "../../schema/queueRequests.ts";

/** What must be equal for two entries to meet. */
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
  /** Unix ms; of a wait that continues, or of an entry that the pool has lost and gets back. Now where left out. */
  readonly enteredAt?: number;
}

/** How an entry ends. */
export type Gone = "confirmed" | "cancelled" | "declined" | "expired";

/** Notified of what becomes of an entry. Must not throw. */
export interface QueueListener {
  /** A match: each player has a seat, to be confirmed until `confirmBy` (Unix ms). */
  found(seats: Readonly<Record<string, SeatReservation>>, confirmBy: number): void;
  /** The match will not be played: the entry waits as before. */
  returned(): void;
  /** The entry has ended. `replaced`: the player has entered by another connection. */
  gone(how: Gone | "replaced"): void;
}

export interface QueuedEntry {
  readonly entryId: string;
  /** Unix ms. */
  readonly enteredAt: number;
}

export interface QueueFigures {
  /** Players who wait. */
  readonly waiting: number;
  /** How long players waited that were matched lately, in ms, on average; null before the first. */
  readonly waitMs: number | null;
}

export interface RankedQueue {
  /** Null where one of the players is in the queue already, and stays there. */
  enter(request: QueueRequest, listener: QueueListener): Promise<QueuedEntry | null>;
  /** Out of the queue; out of a match that was found, unless all of the entry have confirmed. */
  leave(entryId: string): Promise<void>;
  /** Confirms the match that was found for the entry. */
  confirm(entryId: string, playerId: string): Promise<"confirmed" | "again" | "late" | "unknown">;
  figures(key: QueueKey): Promise<QueueFigures>;
}
