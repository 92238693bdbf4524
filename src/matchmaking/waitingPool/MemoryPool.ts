/** The pool of a program with one process. No operation awaits anything, so each is atomic. */
import type { QueuePlayer } from "../../../schema/queueRequests.ts";
import { steadyUnixMs } from "../../platform/clock/steadyUnixMs.ts";
import type { Gone, QueueFigures, QueueKey } from "../RankedQueue.ts";
import { MemoryHistory } from "./MemoryHistory.ts";
import { MemoryHolders } from "./MemoryHolders.ts";
import { MemoryLeases } from "./MemoryLeases.ts";
import {
  type Confirmed,
  confirmMs,
  type Dissolved,
  type Dropped,
  type Ended,
  type Entered,
  type Entry,
  type EntryState,
  type EntryStatus,
  type FoundMatch,
  isTicket,
  type Lease,
  type Left,
  type NewEntry,
  type News,
  type Pool,
  poolName,
  SEATING_MS,
  TICKET_MS,
} from "./Pool.ts";

/** A match from the claim of its entries until it is confirmed or dissolved. */
interface PoolMatch {
  /** The found id, which differs from the `matchId` of `match`. */
  readonly id: string;
  readonly mode: string;
  readonly entryIds: readonly string[];
  readonly claimedAt: number;
  /** Token of the lease under which it was claimed. */
  readonly token: number;
  /** Ids of the players who have confirmed. */
  readonly confirmed: Set<string>;
  /** Null until the seats are reserved. */
  match: FoundMatch | null;
  /** 0 until the seats are reserved. */
  seatedAt: number;
}

interface PoolEntry {
  entry: Entry;
  foundId: string | null;
}

export class MemoryPool implements Pool {
  readonly #now: () => number;
  readonly #entries = new Map<string, PoolEntry>();
  readonly #byPlayer = new Map<string, string>();
  readonly #matches = new Map<string, PoolMatch>();
  readonly #leases: MemoryLeases;
  readonly #holders: MemoryHolders;
  readonly #history: MemoryHistory;

  /** `now`: Unix ms, from a clock that is never set. */
  constructor(now: () => number = steadyUnixMs) {
    this.#now = now;
    this.#holders = new MemoryHolders(now);
    this.#history = new MemoryHistory(now);
    this.#leases = new MemoryLeases(now);
  }

  async enter(given: NewEntry): Promise<Entered> {
    for (const { playerId } of given.players) {
      const entryId = this.#byPlayer.get(playerId);
      if (entryId === undefined) continue;
      if (entryId === given.id) return { entry: this.#entries.get(entryId)!.entry, conflict: null };
      const old = this.#entries.get(entryId)!;
      if (!mayReplace(old.entry, given)) return { entry: null, conflict: { entryId, playerId } };
      if (poolName(old.entry) === poolName(given)) return { entry: this.#adopt(old, given.holder), conflict: null };
      if (old.foundId !== null) return { entry: null, conflict: { entryId, playerId } };
      this.#holders.notify(old.entry, { kind: "replaced" });
      this.#forget(old.entry, "cancelled");
    }
    const now = this.#now();
    const entry: Entry = {
      ...given,
      enteredAt: Math.min(now, given.enteredAt ?? now),
      recent: given.players.flatMap(({ playerId }) => this.#history.opponentsOf(playerId)),
    };
    this.#entries.set(entry.id, { entry, foundId: null });
    for (const { playerId } of entry.players) this.#byPlayer.set(playerId, entry.id);
    if (!this.#holders.has(entry.holder)) this.#holders.register(entry.holder, TICKET_MS);
    return { entry, conflict: null };
  }

  async leave(entryId: string, which?: "confirmed too"): Promise<Left> {
    const poolEntry = this.#entries.get(entryId);
    if (poolEntry === undefined) return { how: "unknown" };
    const { entry } = poolEntry;
    if (poolEntry.foundId === null) {
      this.#forget(entry, "cancelled");
      return { how: "cancelled", entry };
    }
    const poolMatch = this.#matches.get(poolEntry.foundId)!;
    const isKept = which === undefined && entry.players.every(({ playerId }) => poolMatch.confirmed.has(playerId));
    if (isKept) return { how: "kept" };
    return { how: "declined", entry, dissolved: this.#dissolve(poolMatch, [entry], "declined") };
  }

  async confirm(foundId: string, playerId: string): Promise<Confirmed> {
    const poolMatch = this.#matches.get(foundId);
    const poolEntry = this.#entries.get(this.#byPlayer.get(playerId) ?? "");
    if (poolMatch?.match == null || poolEntry?.foundId !== foundId) return { how: "unknown" };
    if (poolMatch.confirmed.has(playerId)) return { how: "again" };
    const player = poolEntry.entry.players.find((one) => one.playerId === playerId)!;
    if (this.#now() > poolMatch.seatedAt + confirmMs(player)) return { how: "late" };
    poolMatch.confirmed.add(playerId);
    if (this.#players(poolMatch).every((one) => poolMatch.confirmed.has(one.playerId))) this.#complete(poolMatch);
    return { how: "confirmed", entry: poolEntry.entry, matchId: poolMatch.match.matchId };
  }

  async status(entryId: string): Promise<EntryStatus | Ended | null> {
    const poolEntry = this.#entries.get(entryId);
    if (poolEntry === undefined) return this.#history.endOf(entryId);
    const { entry, foundId } = poolEntry;
    if (foundId === null) return { state: "waiting", entry, foundId, match: null, seatedAt: null };
    const { match, seatedAt } = this.#matches.get(foundId)!;
    if (match === null) return { state: "claimed", entry, foundId, match, seatedAt: null };
    return { state: "seated", entry, foundId, match, seatedAt };
  }

  async entryOf(playerId: string): Promise<string | null> {
    return this.#byPlayer.get(playerId) ?? null;
  }

  async now(): Promise<number> {
    return this.#now();
  }

  async figures(pool: QueueKey): Promise<QueueFigures> {
    const name = poolName(pool);
    return { waiting: (await this.sizes()).get(name) ?? 0, waitMs: this.#history.waitOf(name) };
  }

  async sizes(): Promise<ReadonlyMap<string, number>> {
    const sizes = new Map<string, number>();
    for (const { entry, foundId } of this.#entries.values()) {
      if (foundId !== null) continue;
      const name = poolName(entry);
      sizes.set(name, (sizes.get(name) ?? 0) + entry.players.length);
    }
    return sizes;
  }

  async registerHolder(holder: string, ttlMs: number): Promise<void> {
    this.#holders.register(holder, ttlMs);
  }

  async endHolder(holder: string): Promise<void> {
    if ([...this.#entries.values()].some(({ entry }) => entry.holder === holder)) this.#holders.expireNow(holder);
    else this.#holders.forget(holder);
  }

  async heartbeat(holder: string, seq: number, ttlMs: number): Promise<readonly News[] | null> {
    return this.#holders.heartbeat(holder, seq, ttlMs);
  }

  async reconcile(_holder: string, _seq: number, entryIds: readonly string[]): Promise<readonly EntryState[] | null> {
    return entryIds.map((entryId) => {
      const poolEntry = this.#entries.get(entryId);
      if (poolEntry === undefined)
        return { entryId, state: this.#history.endOf(entryId)?.how ?? "lost", foundId: null };
      const { foundId } = poolEntry;
      if (foundId === null) return { entryId, state: "waiting", foundId };
      const isSeated = this.#matches.get(foundId)?.match != null;
      return { entryId, state: isSeated ? "seated" : "claimed", foundId: isSeated ? foundId : null };
    });
  }

  /** Always empty: there is no other process. */
  async silentProcesses(): Promise<readonly string[]> {
    return [];
  }

  async dissolveMatchesOn(processId: string): Promise<readonly Dissolved[]> {
    return [...this.#matches.values()]
      .filter(({ match }) => match?.processId === processId)
      .map((poolMatch) => this.#dissolve(poolMatch, [], "expired"));
  }

  async lease(mode: string, owner: string): Promise<Lease | null> {
    return this.#leases.tryTake(mode, owner);
  }

  async hasPairingProcess(mode: string): Promise<boolean> {
    return this.#leases.isHeld(mode);
  }

  async release(lease: Lease): Promise<void> {
    this.#leases.release(lease);
  }

  async waiting(mode: string): Promise<{ now: number; pools: Map<string, Entry[]> }> {
    const waiting = [...this.#entries.values()].filter(({ entry, foundId }) => foundId === null && entry.mode === mode);
    const entries = waiting.map(({ entry }) => entry).sort((a, b) => a.enteredAt - b.enteredAt);
    return { now: this.#now(), pools: Map.groupBy(entries, poolName) };
  }

  async claim(lease: Lease, foundId: string, entryIds: readonly string[]): Promise<boolean> {
    this.#leases.check(lease);
    const poolEntries = entryIds.map((id) => this.#entries.get(id));
    if (poolEntries.some((one) => one === undefined || one.foundId !== null)) return false;
    for (const one of poolEntries) one!.foundId = foundId;
    const rest = { claimedAt: this.#now(), confirmed: new Set<string>(), match: null, seatedAt: 0 };
    this.#matches.set(foundId, { id: foundId, mode: lease.mode, token: lease.token, entryIds, ...rest });
    return true;
  }

  async seat(lease: Lease, foundId: string, match: FoundMatch): Promise<boolean> {
    this.#leases.check(lease);
    const poolMatch = this.#matches.get(foundId);
    if (poolMatch === undefined || poolMatch.match !== null) return false;
    poolMatch.match = match;
    poolMatch.seatedAt = this.#now();
    for (const { entry } of this.#members(poolMatch)) this.#notifyFound(entry, poolMatch);
    return true;
  }

  async unclaim(lease: Lease, foundId: string): Promise<void> {
    this.#leases.check(lease);
    const poolMatch = this.#matches.get(foundId);
    if (poolMatch !== undefined) this.#dissolve(poolMatch, [], "expired");
  }

  async sweep(lease: Lease): Promise<{ dissolved: Dissolved[]; lost: Entry[] }> {
    this.#leases.check(lease);
    const now = this.#now();
    const dissolved: Dissolved[] = [];
    for (const poolMatch of [...this.#matches.values()].filter(({ mode }) => mode === lease.mode)) {
      const lateEntries = this.#members(poolMatch).filter(({ entry }) => this.#isLate(poolMatch, entry, now));
      // A match that an earlier owner of the lease has claimed can no longer be seated.
      const isStuck =
        poolMatch.match === null && (poolMatch.token !== lease.token || now > poolMatch.claimedAt + SEATING_MS);
      const dropped = lateEntries.map(({ entry }) => entry);
      if (isStuck || lateEntries.length > 0) dissolved.push(this.#dissolve(poolMatch, dropped, "expired"));
    }
    return { dissolved, lost: this.#dropExpired() };
  }

  #isLate(poolMatch: PoolMatch, { players }: Entry, now: number): boolean {
    if (poolMatch.match === null) return false;
    return players.some((one) => !poolMatch.confirmed.has(one.playerId) && now > poolMatch.seatedAt + confirmMs(one));
  }

  #dropExpired(): Entry[] {
    const lostEntries: Entry[] = [];
    for (const holder of this.#holders.expired()) {
      const heldEntries = [...this.#entries.values()].filter(({ entry }) => entry.holder === holder);
      for (const { entry, foundId } of heldEntries) {
        if (foundId !== null) continue;
        lostEntries.push(entry);
        this.#forget(entry, "expired");
      }
      if (heldEntries.every(({ foundId }) => foundId === null)) this.#holders.forget(holder);
    }
    return lostEntries;
  }

  /** The same player entered on another connection: the entry continues under the new holder. */
  #adopt(poolEntry: PoolEntry, holder: string): Entry {
    if (poolEntry.entry.holder !== holder) this.#holders.notify(poolEntry.entry, { kind: "replaced" });
    poolEntry.entry = { ...poolEntry.entry, holder };
    const poolMatch = poolEntry.foundId === null ? undefined : this.#matches.get(poolEntry.foundId);
    if (poolMatch?.match != null) this.#notifyFound(poolEntry.entry, poolMatch);
    return poolEntry.entry;
  }

  #members({ entryIds }: PoolMatch): PoolEntry[] {
    return entryIds.map((id) => this.#entries.get(id)!);
  }

  #players(poolMatch: PoolMatch): QueuePlayer[] {
    return this.#members(poolMatch).flatMap(({ entry }) => entry.players);
  }

  #dissolve(poolMatch: PoolMatch, dropped: readonly Entry[], why: Dropped): Dissolved {
    this.#matches.delete(poolMatch.id);
    // Players cannot confirm if the process to which they are connected has died.
    const missingOf = ({ players, holder }: Entry) =>
      players
        .map(({ playerId }) => playerId)
        .filter((playerId) => this.#holders.isAlive(holder) && !poolMatch.confirmed.has(playerId));
    for (const poolEntry of this.#members(poolMatch)) {
      poolEntry.foundId = null;
      if (dropped.includes(poolEntry.entry)) {
        this.#holders.notify(poolEntry.entry, { kind: "gone", how: why, missing: missingOf(poolEntry.entry) });
        this.#forget(poolEntry.entry, why);
      } else this.#holders.notify(poolEntry.entry, { kind: "returned" });
    }
    return { foundId: poolMatch.id, match: poolMatch.match, dropped, missing: dropped.flatMap(missingOf), why };
  }

  #complete(poolMatch: PoolMatch): void {
    const players = this.#players(poolMatch).map(({ playerId }) => playerId);
    for (const { entry } of this.#members(poolMatch)) {
      this.#history.recordMatch(entry, players, poolMatch.claimedAt - entry.enteredAt);
      this.#holders.notify(entry, { kind: "gone", how: "confirmed", missing: [] });
      this.#forget(entry, "confirmed");
    }
    this.#matches.delete(poolMatch.id);
  }

  #forget(entry: Entry, how: Gone): void {
    const { id, holder, players } = entry;
    this.#entries.delete(id);
    for (const { playerId } of players) if (this.#byPlayer.get(playerId) === id) this.#byPlayer.delete(playerId);
    if (isTicket(holder)) this.#holders.forget(holder);
    this.#history.recordEnd(entry, how);
  }

  #notifyFound(entry: Entry, poolMatch: PoolMatch): void {
    const confirmBy = poolMatch.seatedAt + Math.min(...entry.players.map(confirmMs));
    this.#holders.notify(entry, { kind: "found", foundId: poolMatch.id, match: poolMatch.match!, confirmBy });
  }
}

/** Only an entry of a single player on a socket can be replaced, and only by another such entry. */
function mayReplace(old: Entry, given: NewEntry): boolean {
  return [old, given].every(
    ({ players, party, holder }) => players.length === 1 && party === null && !isTicket(holder),
  );
}
