/** Owns what queue and party rooms ask of the process that hosts them. Interfaces only. */
import type { Parties } from "../../schema/keptParty.ts";
import type { QueuePlayer, SeatReservation, Strategy } from "../../schema/queueRequests.ts";
import type { Admission, RoomLog } from "../services.ts";

/** What must be alike for two entries to meet. */
export interface QueueKey {
  readonly mode: string;
  readonly strategy: Strategy;
  readonly region: string;
  readonly rulesVersion: string;
}

export interface QueueWish extends QueueKey {
  /** One, or a party: never split. */
  readonly players: readonly QueuePlayer[];
  /** Code of the party; null for one alone. */
  readonly party: string | null;
  /** Unix ms; of a wait that goes on. Now where left out. */
  readonly enteredAt?: number;
}

/** Told what becomes of a place in the queue. Must not throw. */
export interface QueueListener {
  /** A match: each player has a seat, to be confirmed until `confirmBy` (Unix ms). */
  found(seats: Readonly<Record<string, SeatReservation>>, confirmBy: number): void;
  /** The match will not be played: the place is as it was before. */
  returned(): void;
  /** The place is gone. */
  gone(how: "confirmed" | "cancelled" | "declined" | "expired" | "replaced"): void;
}

export interface QueuePlace {
  readonly entryId: string;
  /** Unix ms. */
  readonly enteredAt: number;
}

export interface Matchmaking {
  /** Null where one of the players is in the queue already, and stays there. */
  enter(wish: QueueWish, listener: QueueListener): Promise<QueuePlace | null>;
  /** Out of the queue; out of a match that was found, unless all of the entry have confirmed. */
  leave(entryId: string): Promise<void>;
  /** Confirms the match that was found for the entry. */
  confirm(entryId: string, playerId: string): Promise<"confirmed" | "again" | "late" | "unknown">;
  /** Players who wait, and how long players waited that were matched lately, in ms. */
  figures(key: QueueKey): Promise<{ readonly waiting: number; readonly waitMs: number | null }>;
}

export interface Invitation {
  /** Id of the player who invites. */
  readonly from: string;
  /** Code of the party. */
  readonly partyId: string;
}

export interface InvitationService {
  /** Tells the player `to`, if they listen; nothing says whether they do. Resolves to false where too many were sent. */
  send(to: string, invitation: Invitation): Promise<boolean>;
}

export interface QueueServices {
  readonly matchmaking: Matchmaking;
  readonly invitations: InvitationService;
  readonly parties: Parties;
  readonly admission: Admission;
  readonly log: RoomLog;
  /** Id of this process among the others. */
  processId(): string;
  /** Region of a wish that names none. */
  readonly region: string;
  /** How long those who have a match to confirm may still do so once the process is told to stop, in ms. */
  readonly drainMs: number;
  /** Rating of someone who has none yet. */
  readonly initialRating: number;
}
