/**
 * The pool of waiting entries, shared by all processes. An entry is one player or one party; a player is in at most one entry.
 *
 * An entry is `waiting`, then `claimed` for a match by the process that pairs its mode, then `seated` once all seats are
 * reserved. It is removed once all players of the match have confirmed. If a player declines or does not confirm in time, the
 * match is dissolved: that player's entry is removed, and all others wait again with their original times. Every operation is
 * atomic. Operations that take a `Lease` reject with `LeaseLost` if another process has taken it. All times are Unix ms.
 */
import type { QueuePlayer, SeatReservation } from "../../../schema/queueRequests.ts";
import type { Gone, QueueFigures, QueueKey, QueueRequest } from "../RankedQueue.ts";

export interface NewEntry extends QueueRequest {
  readonly id: string;
  /** The process or ticket that keeps the entry alive: the entry is removed when the holder sends no heartbeat for too long. */
  readonly holder: string;
}

export interface Entry extends NewEntry {
  readonly enteredAt: number;
  /** Ids of the most recent opponents of its players. */
  readonly recent: readonly string[];
}

/** A match whose seats are reserved, as `Pool.seat` stores it. */
export interface FoundMatch {
  readonly matchId: string;
  readonly roomId: string;
  readonly processId: string;
  /** By player id. */
  readonly seats: Readonly<Record<string, SeatReservation>>;
}

export type Dropped = Extract<Gone, "declined" | "expired">;

/** What happened to an entry, for its holder. `seq` rises with each item. */
export type News = { readonly seq: number; readonly entryId: string } & (
  | { readonly kind: "found"; readonly foundId: string; readonly match: FoundMatch; readonly confirmBy: number }
  | { readonly kind: "returned" }
  | { readonly kind: "replaced" }
  | {
      readonly kind: "gone";
      readonly how: Gone;
      /** Ids of its players who had not confirmed the match that was dissolved. */
      readonly missing: readonly string[];
    }
);

/** A match that will not be played. The caller must close its room. */
export interface Dissolved {
  readonly foundId: string;
  /** Null if no seats had been reserved yet. Then there is no room to close. */
  readonly match: FoundMatch | null;
  /** The entries that declined or did not confirm in time. They were removed. */
  readonly dropped: readonly Entry[];
  /** Ids of the players of the dropped entries who had not confirmed. */
  readonly missing: readonly string[];
  readonly why: Dropped;
}

export type Entered =
  | { readonly entry: Entry; readonly conflict: null }
  /** A player is already in another entry, which stays. */
  | { readonly entry: null; readonly conflict: { readonly entryId: string; readonly playerId: string } };

export type Left =
  /** `kept`: all players of the entry have confirmed, so it stays in its match. `unknown`: there is no such entry. */
  | { readonly how: "kept" | "unknown" }
  | { readonly how: "cancelled"; readonly entry: Entry }
  | { readonly how: "declined"; readonly entry: Entry; readonly dissolved: Dissolved };

/**
 * `late`: the time to confirm has passed. `unknown`: no such match, or the player is not in it. `again`: had already confirmed.
 */
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

/** An entry that has been removed. */
export interface Ended {
  readonly state: "ended";
  readonly how: Gone;
  /** Ids of the entry's players with a ticket, who may still read how it ended. */
  readonly readers: readonly string[];
}

/**
 * The present state of an entry. `replaced`: another holder has it. `lost`: the pool knows neither the entry nor how it ended, so
 * its data was lost. `foundId`: the match of a `seated` entry, otherwise null.
 */
export interface EntryState {
  readonly entryId: string;
  readonly state: "waiting" | "claimed" | "seated" | "replaced" | "lost" | Gone;
  readonly foundId: string | null;
}

/** The right of one process to pair a mode, for `LEASE_MS` after each renewal. */
export interface Lease {
  readonly mode: string;
  readonly owner: string;
  /**
   * Rises with each new owner. An owner that renews an expired lease keeps its token, if no other process has taken the lease.
   */
  readonly token: number;
}

/** Another process has taken the lease. Nothing was written. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";

  constructor({ mode, token }: Lease) {
    super(`lease ${token} to pair mode "${mode}" was lost: another process has taken it`);
  }
}

export const LEASE_MS = 2000;
/** The entries of a process are removed if it has sent no heartbeat for this long. */
export const HOLDER_MS = 5000;
export const CONFIRM_MS = 10_000;
/** Time to confirm for players with a ticket, who confirm by taking the seat. */
export const TICKET_SEAT_MS = 30_000;
/** Maximum time to reserve the seats of a claimed match. */
export const SEATING_MS = 6000;
/** How long a ticket lives without being requested. */
export const TICKET_MS = 60_000;
/** How long the end of a ticket can be read. */
export const ENDED_MS = 300_000;
/** How many recent opponents are remembered for each player, and for how long. */
export const RECENT_COUNT = 5;
export const RECENT_MS = 600_000;
/** Weight of the latest match in the average wait, an exponential moving average. */
export const WAIT_WEIGHT = 0.1;

export const ticketHolder = (ticketId: string): string => `ticket:${ticketId}`;
export const isTicket = (holder: string): boolean => holder.startsWith("ticket:");
export const poolName = ({ mode, strategy, region, rulesVersion }: QueueKey): string =>
  [mode, strategy, region, rulesVersion].join("|");
export const confirmMs = ({ via }: QueuePlayer): number => (via === "ticket" ? TICKET_SEAT_MS : CONFIRM_MS);

export interface Pool {
  /**
   * Adds an entry. If a single player enters the same pool again, the old entry stays, with its waiting time and any found match,
   * and gets the new holder. If a single player enters another pool, the old entry is removed, unless a match was found for it.
   * Entering the same entry twice has no further effect.
   */
  enter(entry: NewEntry): Promise<Entered>;
  /** `confirmed too`: also leaves a match that all players of the entry have confirmed, unless all others have, too. */
  leave(entryId: string, which?: "confirmed too"): Promise<Left>;
  confirm(foundId: string, playerId: string): Promise<Confirmed>;
  /** Resolves to null for an unknown entry. An entry that has ended is known for `ENDED_MS`. */
  status(entryId: string): Promise<EntryStatus | Ended | null>;
  /** Resolves to the id of the player's entry, or null. */
  entryOf(playerId: string): Promise<string | null>;
  /**
   * Resolves to the present time of the pool's clock, in Unix ms. All times of the pool are times of this clock. It may differ from
   * the clock of this process, so compare times of the pool only with this one.
   */
  now(): Promise<number>;
  figures(pool: QueueKey): Promise<QueueFigures>;
  /** Number of waiting players by `poolName`; only pools with waiting players. */
  sizes(): Promise<ReadonlyMap<string, number>>;

  /**
   * Keeps a holder alive for `ttlMs`, and returns its news after `seq`. News up to `seq` is deleted.
   * @returns null if the holder is unknown or has expired. Its entries are then lost or about to be lost: it must call
   * `registerHolder` and enter them again.
   */
  heartbeat(holder: string, seq: number, ttlMs: number): Promise<readonly News[] | null>;
  /**
   * Restores missing data of these entries, and removes entries that cannot be restored. Resolves to the states of all entries, in
   * the given order; to null if there is news after `seq`, because the news may explain a difference.
   */
  reconcile(holder: string, seq: number, entryIds: readonly string[]): Promise<readonly EntryState[] | null>;
  /** Registers a holder, or extends its life. A process calls this before its first heartbeat. */
  registerHolder(holder: string, ttlMs: number): Promise<void>;
  /**
   * Removes a holder that stops or has died, so that nobody waits for it to expire. If the process is alive after all, its next
   * heartbeat returns null.
   */
  endHolder(holder: string): Promise<void>;
  /** Ids of the processes that have sent no heartbeat for `ms`. */
  silentProcesses(ms: number): Promise<readonly string[]>;
  /** Dissolves the unconfirmed matches whose room is on this process, which is dead or stops. All their entries wait again. */
  dissolveMatchesOn(processId: string): Promise<readonly Dissolved[]>;

  /** Takes or renews the lease of a mode. Resolves to null while another owner has it. */
  lease(mode: string, owner: string): Promise<Lease | null>;
  /** Resolves to whether any process has the lease of the mode now. */
  hasPairingProcess(mode: string): Promise<boolean>;
  release(lease: Lease): Promise<void>;
  /**
   * Resolves to the waiting entries of a mode by pool, oldest first. They include every entry that was entered by `now` (the
   * pool's clock), and possibly later ones.
   */
  waiting(mode: string): Promise<{ readonly now: number; readonly pools: ReadonlyMap<string, readonly Entry[]> }>;
  /** Claims waiting entries for a match, all or none. Resolves to false if one of them is no longer waiting. */
  claim(lease: Lease, foundId: string, entryIds: readonly string[]): Promise<boolean>;
  /**
   * Stores the match, whose seats must be reserved, and notifies the holders. Resolves to false if it was dissolved meanwhile.
   */
  seat(lease: Lease, foundId: string, match: FoundMatch): Promise<boolean>;
  /** Dissolves a match whose seats could not be reserved. All its entries wait again. */
  unclaim(lease: Lease, foundId: string): Promise<void>;
  /**
   * Dissolves the matches that were not confirmed in time or can no longer be seated, and removes the entries of expired holders.
   * Returns both.
   */
  sweep(lease: Lease): Promise<{ readonly dissolved: readonly Dissolved[]; readonly lost: readonly Entry[] }>;
}
