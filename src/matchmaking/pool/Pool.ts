/**
 * The waiting pool, shared by every process. Interfaces only.
 *
 * An entry (one player, or a party) is `waiting`, then `claimed` for a match by the process that pairs its mode, then `seated`
 * once all seats are reserved, and gone once all players of the match have confirmed. Until then it can fall back: then the match
 * is dissolved, whoever is to blame leaves the pool, and all others wait again as if they had never left their place. A player
 * is in one entry at most. Every operation is atomic; those of the pairing process fail with `LeaseLost` once another process has
 * its lease. All times are Unix ms.
 */
import type { QueuePlayer, SeatReservation } from "../../../schema/queueRequests.ts";
import type { Gone, QueueFigures, QueueKey, QueueRequest } from "../RankedQueue.ts";

export interface NewEntry extends QueueRequest {
  readonly id: string;
  /** Who answers for it: a process, or a ticket. When it falls silent, the entry goes. */
  readonly holder: string;
}

export interface Entry extends NewEntry {
  readonly enteredAt: number;
  /** Players whom these met last. */
  readonly recent: readonly string[];
}

/** A found match as `seat` records it. */
export interface FoundMatch {
  readonly matchId: string;
  readonly roomId: string;
  readonly processId: string;
  /** By player id. */
  readonly seats: Readonly<Record<string, SeatReservation>>;
}

export type Dropped = Extract<Gone, "declined" | "expired">;

/** What holders are told of their entries, in order. */
export type News = { readonly seq: number; readonly entryId: string } & (
  | { readonly kind: "found"; readonly foundId: string; readonly match: FoundMatch; readonly confirmBy: number }
  | { readonly kind: "returned" }
  | { readonly kind: "replaced" }
  | { readonly kind: "gone"; readonly how: Gone }
);

/** A match that will not be played; its room is to be closed. */
export interface Dissolved {
  readonly foundId: string;
  /** Null where no seats had been reserved yet. */
  readonly match: FoundMatch | null;
  readonly dropped: readonly Entry[];
  readonly why: Dropped;
}

export type Entered =
  | { readonly entry: Entry; readonly conflict: null }
  /** Someone in it is in another entry, which stays. */
  | { readonly entry: null; readonly conflict: { readonly entryId: string; readonly playerId: string } };

export type Left =
  /** `kept`: all its players have confirmed, the match stands. `unknown`: there is no such entry. */
  | { readonly how: "kept" | "unknown" }
  | { readonly how: "cancelled"; readonly entry: Entry }
  | { readonly how: "declined"; readonly entry: Entry; readonly dissolved: Dissolved };

/** `late`: after the player's time. `unknown`: no such match, or the player is not in it. `again`: confirmed before. */
export type Confirmed =
  | { readonly how: "late" | "unknown" | "again" }
  | { readonly how: "confirmed"; readonly entry: Entry; readonly matchId: string };

export interface EntryStatus {
  readonly state: "waiting" | "claimed" | "seated";
  readonly entry: Entry;
  readonly foundId: string | null;
  readonly match: FoundMatch | null;
  readonly seatedAt: number | null;
}

/** An entry that is gone: how, and who may know of it, which are its players with a ticket. */
export interface Ended {
  readonly state: "ended";
  readonly how: Gone;
  readonly readers: readonly string[];
}

/** The right to pair a mode, until another process takes it. */
export interface Lease {
  readonly mode: string;
  readonly owner: string;
  /** Rises with each owner. */
  readonly token: number;
}

/** Another process has the lease by now; nothing was written. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";

  constructor({ mode, token }: Lease) {
    super(`the lease ${token} to pair ${mode} has passed to another process`);
  }
}

export const LEASE_MS = 2000;
/** A process that is silent for so long has its entries taken away. */
export const HOLDER_MS = 5000;
export const CONFIRM_MS = 10_000;
/** For players with a ticket, who confirm by sitting down. */
export const TICKET_SEAT_MS = 30_000;
/** How long the seats of a claimed match may take to be reserved. */
export const SEATING_MS = 6000;
/** How long a ticket lives without being asked for, and how long its end can be read. */
export const TICKET_MS = 60_000;
export const ENDED_MS = 300_000;
/** Opponents remembered for each player, and for how long. */
export const RECENT_COUNT = 5;
export const RECENT_MS = 600_000;
/** Share of the latest match in the average wait. */
export const WAIT_SHARE = 0.1;

export const ticketHolder = (ticketId: string): string => `ticket:${ticketId}`;
export const isTicket = (holder: string): boolean => holder.startsWith("ticket:");
export const poolName = ({ mode, strategy, region, rulesVersion }: QueueKey): string =>
  [mode, strategy, region, rulesVersion].join("|");
export const confirmMs = ({ via }: QueuePlayer): number => (via === "ticket" ? TICKET_SEAT_MS : CONFIRM_MS);

export interface Pool {
  /**
   * Adds an entry. A player who waits alone in the same pool and enters alone again keeps the old entry, with its waiting time and
   * any match found, under the new holder; from another pool the old entry is left, unless a match was found. The same entry twice
   * is entered once.
   */
  enter(entry: NewEntry): Promise<Entered>;
  leave(entryId: string): Promise<Left>;
  confirm(foundId: string, playerId: string): Promise<Confirmed>;
  /** For a while also of an entry that has ended; null for one that is not known. */
  status(entryId: string): Promise<EntryStatus | Ended | null>;
  entryOf(playerId: string): Promise<string | null>;
  figures(pool: QueueKey): Promise<QueueFigures>;
  /** Players who wait, by the name of their pool; only pools in which somebody does. */
  sizes(): Promise<ReadonlyMap<string, number>>;

  /**
   * A holder lives on for `ttlMs`. Gives the news after `seq`, which may be forgotten up to it.
   * @returns null where the pool does not know the holder, or took it for dead: then its entries are lost, or will be.
   */
  heartbeat(holder: string, seq: number, ttlMs: number): Promise<readonly News[] | null>;
  /** Announces a holder, so that its first entry finds it known. */
  begin(holder: string, ttlMs: number): Promise<void>;
  /** Takes leave of a holder that goes in order, or is dead: nobody has to find out that it is silent. Where it lives, its next beat says so. */
  end(holder: string): Promise<void>;
  /** Processes that have been silent for `ms`. */
  silent(ms: number): Promise<readonly string[]>;
  /** A process is dead: matches that were to be played on it are dissolved, and nobody is to blame. */
  processDied(processId: string): Promise<readonly Dissolved[]>;

  /** Takes or renews the lease of a mode; null while it is another's. */
  lease(mode: string, owner: string): Promise<Lease | null>;
  /** Whether some process has the lease of a mode now. */
  isPaired(mode: string): Promise<boolean>;
  /** Gives the lease back. */
  release(lease: Lease): Promise<void>;
  /** Waiting entries of a mode by pool, oldest first: all that had entered by `now` of the pool's clock, and perhaps later ones. */
  waiting(mode: string): Promise<{ readonly now: number; readonly pools: ReadonlyMap<string, readonly Entry[]> }>;
  /** Takes waiting entries for a match: all or none. False where one of them does not wait any more. */
  claim(lease: Lease, foundId: string, entryIds: readonly string[]): Promise<boolean>;
  /** The seats are reserved: tells the players. False where the match was dissolved meanwhile. */
  seat(lease: Lease, foundId: string, match: FoundMatch): Promise<boolean>;
  /** The seats could not be had: all wait again. */
  unclaim(lease: Lease, foundId: string): Promise<void>;
  /** Dissolves what was not confirmed in time, and drops the entries of silent holders; gives both. */
  sweep(lease: Lease): Promise<{ readonly dissolved: readonly Dissolved[]; readonly lost: readonly Entry[] }>;
}
