/**
 * Manages the pool entries of this process's queue and party rooms: adds and removes them, keeps them alive by heartbeats, passes
 * news about them to the rooms, and enters them again if the pool has lost them. `pairing/Pairer.ts` does the pairing.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { FailureLog } from "../platform/logging/FailureLog.ts";
import type { Logger } from "../platform/logging/Logger.ts";
import { admitToPool, type Conduct, requireNoCooldown } from "./conduct/Conduct.ts";
import type { MatchHost } from "./MatchHost.ts";
import { type PublishQueueEvent, type QueueChange, queueMessages } from "./queueMessages.ts";
import type { QueuedEntry, QueueFigures, QueueKey, QueueListener, QueueRequest, RankedQueue } from "./RankedQueue.ts";
import {
  CONFIRM_MS,
  type Entry,
  type EntryState,
  type FoundMatch,
  HOLDER_MS,
  type News,
  type Pool,
} from "./waitingPool/Pool.ts";

/** Heartbeats also fetch the news, so players are notified of a match at most this long after it was found. */
const HEARTBEAT_EVERY_MS = 250;
const CONFIRM_RETRY_MS = 500;
/** After this many heartbeats, some entries are compared with the pool. */
const RECONCILE_EVERY = 4;
/** How many entries are compared at a time. */
const RECONCILE_COUNT = 100;

export interface QueueDeps {
  readonly game: string;
  readonly pool: Pool;
  readonly matchHost: MatchHost;
  readonly publish: PublishQueueEvent;
  /** Id of this process. */
  readonly holder: string;
  readonly conduct: Conduct;
  readonly log: Pick<Logger, "info" | "warn">;
  /** Unix ms, for events. */
  readonly now?: () => number;
  /** Called when Redis has lost the holder of this process, and therefore everything else that the process had written. */
  readonly onStateLost?: () => Promise<void>;
}

type Missing = Exclude<EntryState["state"], "waiting" | "claimed" | "seated">;

interface LocalEntry {
  entry: Entry;
  listener: QueueListener;
  foundId: string | null;
  match: FoundMatch | null;
  /** On the clock of `performance.now()`; only valid while `match` is set. */
  confirmBy: number;
}

export class Queue implements RankedQueue {
  readonly #deps: QueueDeps;
  readonly #now: () => number;
  readonly #heartbeats: FailureLog;
  readonly #locals = new Map<string, LocalEntry>();
  /** Entries that the previous comparison did not find in the pool. */
  readonly #missing = new Set<string>();
  #heartbeatsSent = 0;
  /** Index of the first entry to compare next. */
  #reconcileFrom = 0;
  #seq = 0;
  #entering = 0;
  /** Whether the pool has lost this process and its entries are not all restored yet. */
  #isLost = false;
  #timer: NodeJS.Timeout | undefined;
  #heartbeatInFlight: Promise<void> | null = null;

  constructor(deps: QueueDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? Date.now;
    this.#heartbeats = new FailureLog({ log: deps.log, what: "queue heartbeat" });
  }

  async start(): Promise<void> {
    // If this fails, the first heartbeat that succeeds registers this process.
    await this.#deps.pool.registerHolder(this.#deps.holder, HOLDER_MS).catch((error) => this.#heartbeats.failed(error));
    this.#timer = setInterval(() => void this.heartbeat(), HEARTBEAT_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#heartbeatInFlight;
    await Promise.all([...this.#locals.keys()].map((id) => this.leave(id).catch(() => {})));
    await this.#heartbeatInFlight;
    await this.#deps.pool.endHolder(this.#deps.holder);
  }

  async enter(request: QueueRequest, listener: QueueListener): Promise<QueuedEntry | null> {
    const { pool, holder, conduct } = this.#deps;
    this.#entering++;
    try {
      const id = randomUUID();
      const { entry } = await pool.enter(await admitToPool(conduct, { ...request, id, holder }));
      if (entry === null) return null;
      this.#locals.get(entry.id)?.listener.gone("replaced", []);
      const local: LocalEntry = { entry, listener, foundId: null, match: null, confirmBy: 0 };
      this.#locals.set(entry.id, local);
      if (entry.id === id) this.#publish({ kind: "entered", entry, at: this.#now() });
      else await this.#catchUp(local);
      return { entryId: entry.id, enteredAt: entry.enteredAt };
    } finally {
      this.#entering--;
    }
  }

  requireNoCooldown(playerId: string): Promise<void> {
    return requireNoCooldown(this.#deps.conduct, [playerId]);
  }

  async leave(entryId: string, playerId?: string): Promise<void> {
    if (await this.#leave(entryId, playerId)) await this.heartbeat();
  }

  /**
   * Returns whether this call dissolved a match. If so, there is news for other entries, and the caller should fetch it: this
   * method sends no heartbeat, because heartbeats call it.
   */
  async #leave(entryId: string, playerId?: string): Promise<boolean> {
    const result = await this.#deps.pool.leave(entryId);
    this.#locals.delete(entryId);
    if (result.how === "cancelled") this.#publish({ kind: "left", entry: result.entry, at: this.#now() });
    if (result.how !== "declined") return false;
    const { match } = result.dissolved;
    if (playerId !== undefined) await this.#deps.conduct.addOffence(playerId);
    this.#publish({ kind: "declined", entry: result.entry, at: this.#now(), matchId: match?.matchId });
    if (match !== null) void this.#deps.matchHost.close(match);
    return true;
  }

  /**
   * Retries until `confirmBy`, so that a confirmation still counts if Redis is unavailable for a moment. Rejects after
   * `confirmBy`.
   */
  async confirm(entryId: string, playerId: string): Promise<"confirmed" | "again" | "late" | "unknown"> {
    const local = this.#locals.get(entryId);
    const foundId = local?.foundId ?? null;
    if (local === undefined || foundId === null) return "unknown";
    const confirmed = await this.#deps.pool.confirm(foundId, playerId).catch(async (error) => {
      if (local.foundId !== foundId || performance.now() > local.confirmBy) throw error;
      await sleep(CONFIRM_RETRY_MS);
      return null;
    });
    if (confirmed === null) return this.confirm(entryId, playerId);
    if (confirmed.how === "confirmed") {
      const { entry, matchId } = confirmed;
      this.#publish({ kind: "confirmed", entry, playerId, matchId, at: this.#now() });
    }
    return confirmed.how;
  }

  figures(key: QueueKey): Promise<QueueFigures> {
    return this.#deps.pool.figures(key);
  }

  /**
   * Reports to the pool that this process is alive, and delivers the news. Overlapping calls share one heartbeat. Never rejects.
   */
  heartbeat(): Promise<void> {
    this.#heartbeatInFlight ??= this.#sendHeartbeat()
      .then(
        () => this.#heartbeats.succeeded(),
        (error) => this.#heartbeats.failed(error),
      )
      .finally(() => {
        this.#heartbeatInFlight = null;
      });
    return this.#heartbeatInFlight;
  }

  async #sendHeartbeat(): Promise<void> {
    const { pool, holder } = this.#deps;
    const news = await pool.heartbeat(holder, this.#seq, HOLDER_MS);
    if (news === null || this.#isLost) return this.#restore();
    const poolMs = news.some(({ kind }) => kind === "found") ? await pool.now() : 0;
    for (const one of news) {
      this.#seq = Math.max(this.#seq, one.seq);
      await this.#deliver(one, poolMs);
    }
    if (++this.#heartbeatsSent % RECONCILE_EVERY === 0 && this.#locals.size > 0) await this.#reconcile();
  }

  /** Compares the next entries with the pool, because news about them, or data of the pool itself, may have been lost. */
  async #reconcile(): Promise<void> {
    const all = [...this.#locals.keys()];
    const turn = all.slice(this.#reconcileFrom, this.#reconcileFrom + RECONCILE_COUNT);
    this.#reconcileFrom =
      this.#reconcileFrom + RECONCILE_COUNT < all.length ? this.#reconcileFrom + RECONCILE_COUNT : 0;
    const ids = [...new Set([...this.#missing, ...turn])].filter((id) => this.#locals.has(id));
    const missing = [...this.#missing];
    this.#missing.clear();
    const { pool, holder } = this.#deps;
    for (const { entryId, state, foundId } of (await pool.reconcile(holder, this.#seq, ids)) ?? []) {
      const local = this.#locals.get(entryId);
      if (local === undefined) continue;
      if (state === "seated") {
        if (local.foundId !== foundId) await this.#catchUp(local);
      } else if (state === "waiting") this.#onReturned(local);
      else if (state !== "claimed") {
        // The first time, the reason may be that the player is leaving.
        if (missing.includes(entryId)) await this.#onMissing(entryId, local, state);
        else this.#missing.add(entryId);
      }
    }
  }

  async #onMissing(entryId: string, local: LocalEntry, state: Missing): Promise<void> {
    if (state === "lost") {
      this.#deps.log.warn({ entry: entryId }, "the queue has lost an entry of this process; entering it again");
      await this.#enterAgain(entryId, local);
      return;
    }
    this.#locals.delete(entryId);
    local.listener.gone(state, []);
  }

  /** `poolMs`: the time of the pool's clock. Used only for news of a match. */
  async #deliver(news: News, poolMs: number): Promise<void> {
    const local = this.#locals.get(news.entryId);
    if (local === undefined) {
      // The answer to `enter` was lost, so no room knows this entry: remove it.
      if (news.kind !== "gone" && news.kind !== "replaced" && this.#entering === 0) await this.#leave(news.entryId);
      return;
    }
    if (news.kind === "found") this.#onFound(local, news.foundId, news.match, news.confirmBy - poolMs);
    else if (news.kind === "returned") this.#onReturned(local);
    else {
      this.#locals.delete(news.entryId);
      if (news.kind === "gone") local.listener.gone(news.how, news.missing);
      else local.listener.gone("replaced", []);
    }
  }

  #onFound(local: LocalEntry, foundId: string, match: FoundMatch, confirmMs: number): void {
    if (local.foundId === foundId) return;
    local.foundId = foundId;
    local.match = match;
    local.confirmBy = performance.now() + confirmMs;
    local.listener.found(match.seats, local.confirmBy);
  }

  #onReturned(local: LocalEntry): void {
    if (local.foundId === null) return;
    local.foundId = null;
    local.match = null;
    local.listener.returned();
  }

  /** The entry was entered before on another connection, so a match may already have been found for it. */
  async #catchUp(local: LocalEntry): Promise<void> {
    const { pool } = this.#deps;
    const status = await pool.status(local.entry.id);
    if (status === null || status.state === "ended" || status.match === null) return;
    this.#onFound(local, status.foundId!, status.match, status.seatedAt! + CONFIRM_MS - (await pool.now()));
  }

  /** Called if the pool was emptied or considered this process dead. Enters all entries again with their original times. */
  async #restore(): Promise<void> {
    const { pool, holder, log } = this.#deps;
    this.#isLost = true;
    await this.#deps.onStateLost?.();
    // The clock from which the pool numbers its news may have been set back.
    this.#seq = 0;
    await pool.registerHolder(holder, HOLDER_MS);
    if (this.#locals.size > 0)
      log.warn({ places: this.#locals.size }, "the queue has lost the entries of this process; entering them again");
    for (const [id, local] of [...this.#locals]) if (this.#locals.has(id)) await this.#enterAgain(id, local);
    this.#isLost = false;
  }

  /** Enters an entry that the pool has lost again, with its original time. If a match was found for the entry, it is not played. */
  async #enterAgain(id: string, local: LocalEntry): Promise<void> {
    const { pool, holder, matchHost } = this.#deps;
    const { entry, conflict } = await pool.enter({ ...local.entry, holder });
    // The player left meanwhile, while the entry was not in the pool.
    if (!this.#locals.has(id)) {
      await this.#leave(id);
      return;
    }
    if (conflict !== null || entry.id !== id) {
      this.#locals.delete(id);
      local.listener.gone("replaced", []);
      return;
    }
    const { match } = local;
    local.entry = entry;
    const status = match === null ? null : await pool.status(id);
    if (match === null || (status !== null && status.state !== "ended" && status.match !== null)) return;
    this.#onReturned(local);
    void matchHost.close(match);
  }

  #publish(change: QueueChange): void {
    for (const message of queueMessages(this.#deps.game, change)) this.#deps.publish(message);
  }
}
