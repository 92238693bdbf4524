/**
 * Owns the places that this process holds in the waiting pool: enters and leaves for rooms, keeps them alive, hands on what the
 * pool tells, and puts them back where the pool has lost them. It pairs nobody.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Matches } from "./Matches.ts";
import { CONFIRM_MS, type Entry, type FoundMatch, HOLDER_MS, type News, type Pool } from "./pool/Pool.ts";
import { type PublishQueueEvent, type QueueHappening, queueMessages } from "./queueMessages.ts";
import type { QueuedEntry, QueueFigures, QueueKey, QueueListener, QueueRequest, RankedQueue } from "./RankedQueue.ts";

/** How often the pool is asked what is new: what a found match waits at most before its players know. */
const BEAT_EVERY_MS = 250;
const CONFIRM_AGAIN_MS = 500;

export interface QueueParts {
  readonly game: string;
  readonly pool: Pool;
  readonly matches: Matches;
  readonly publish: PublishQueueEvent;
  /** Id of this process. */
  readonly holder: string;
  readonly log: { warn(fields: object, message: string): void };
  readonly now?: () => number;
  /** Redis has forgotten this process, and all that it was told by it. */
  readonly forgotten?: () => Promise<void>;
}

interface Local {
  entry: Entry;
  listener: QueueListener;
  foundId: string | null;
  match: FoundMatch | null;
  /** Unix ms, of the match. */
  confirmBy: number;
}

export class Queue implements RankedQueue {
  readonly #parts: QueueParts;
  readonly #now: () => number;
  readonly #locals = new Map<string, Local>();
  #seq = 0;
  #entering = 0;
  /** Whether the pool has lost this process, and not all is put back yet. */
  #isLost = false;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | null = null;

  constructor(parts: QueueParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  async start(): Promise<void> {
    await this.#parts.pool.begin(this.#parts.holder, HOLDER_MS);
    this.#timer = setInterval(() => void this.beat(), BEAT_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
    await Promise.all([...this.#locals.keys()].map((id) => this.leave(id).catch(() => {})));
    await this.#beating;
    await this.#parts.pool.end(this.#parts.holder);
  }

  async enter(request: QueueRequest, listener: QueueListener): Promise<QueuedEntry | null> {
    const { pool, holder } = this.#parts;
    this.#entering++;
    try {
      const id = randomUUID();
      const { entry } = await pool.enter({ ...request, id, holder });
      if (entry === null) return null;
      this.#locals.get(entry.id)?.listener.gone("replaced");
      const local: Local = { entry, listener, foundId: null, match: null, confirmBy: 0 };
      this.#locals.set(entry.id, local);
      if (entry.id === id) this.#tell({ kind: "entered", entry, at: this.#now() });
      else await this.#catchUp(local);
      return { entryId: entry.id, enteredAt: entry.enteredAt };
    } finally {
      this.#entering--;
    }
  }

  async leave(entryId: string): Promise<void> {
    if (await this.#leave(entryId)) await this.beat();
  }

  /** Whether that dissolved a match, so that there is news. No beat of its own: beats leave places too. */
  async #leave(entryId: string): Promise<boolean> {
    const left = await this.#parts.pool.leave(entryId);
    this.#locals.delete(entryId);
    if (left.how === "cancelled") this.#tell({ kind: "left", entry: left.entry, at: this.#now() });
    if (left.how !== "declined") return false;
    const { match } = left.dissolved;
    this.#tell({ kind: "declined", entry: left.entry, at: this.#now(), matchId: match?.matchId });
    if (match !== null) void this.#parts.matches.close(match);
    return true;
  }

  /** Tries again while there is time: whoever confirmed while Redis was away has confirmed. */
  async confirm(entryId: string, playerId: string): Promise<"confirmed" | "again" | "late" | "unknown"> {
    const local = this.#locals.get(entryId);
    const foundId = local?.foundId ?? null;
    if (local === undefined || foundId === null) return "unknown";
    const confirmed = await this.#parts.pool.confirm(foundId, playerId).catch(async (error) => {
      if (local.foundId !== foundId || this.#now() > local.confirmBy) throw error;
      await sleep(CONFIRM_AGAIN_MS);
      return null;
    });
    if (confirmed === null) return this.confirm(entryId, playerId);
    if (confirmed.how === "confirmed") {
      const { entry, matchId } = confirmed;
      this.#tell({ kind: "confirmed", entry, playerId, matchId, at: this.#now() });
    }
    return confirmed.how;
  }

  figures(key: QueueKey): Promise<QueueFigures> {
    return this.#parts.pool.figures(key);
  }

  /** Shows that this process lives, and hands on what is new. Calls that overlap are one. */
  beat(): Promise<void> {
    this.#beating ??= this.#beat()
      .catch((error) => this.#parts.log.warn({ err: error }, "the waiting pool does not answer; trying again"))
      .finally(() => {
        this.#beating = null;
      });
    return this.#beating;
  }

  async #beat(): Promise<void> {
    const { pool, holder } = this.#parts;
    const news = await pool.beat(holder, this.#seq, HOLDER_MS);
    if (news === null || this.#isLost) return this.#restore();
    for (const one of news) {
      this.#seq = Math.max(this.#seq, one.seq);
      await this.#handOn(one);
    }
  }

  async #handOn(news: News): Promise<void> {
    const local = this.#locals.get(news.entryId);
    if (local === undefined) {
      // Whoever entered was not told, for the answer was lost: the place is nobody's.
      if (news.kind !== "gone" && news.kind !== "replaced" && this.#entering === 0) await this.#leave(news.entryId);
      return;
    }
    if (news.kind === "found") this.#found(local, news.foundId, news.match, news.confirmBy);
    else if (news.kind === "returned") this.#returned(local);
    else {
      this.#locals.delete(news.entryId);
      local.listener.gone(news.kind === "gone" ? news.how : "replaced");
    }
  }

  #found(local: Local, foundId: string, match: FoundMatch, confirmBy: number): void {
    if (local.foundId === foundId) return;
    local.foundId = foundId;
    local.match = match;
    local.confirmBy = confirmBy;
    local.listener.found(match.seats, confirmBy);
  }

  #returned(local: Local): void {
    if (local.foundId === null) return;
    local.foundId = null;
    local.match = null;
    local.listener.returned();
  }

  /** The place was held before by another connection, for which a match may have been found. */
  async #catchUp(local: Local): Promise<void> {
    const place = await this.#parts.pool.look(local.entry.id);
    if (place === null || place.state === "ended" || place.match === null) return;
    this.#found(local, place.foundId!, place.match, place.seatedAt! + CONFIRM_MS);
  }

  /** The pool has been emptied, or took this process for dead: all places are put back where they stood. */
  async #restore(): Promise<void> {
    const { pool, holder, matches, log } = this.#parts;
    this.#isLost = true;
    await this.#parts.forgotten?.();
    // The numbers of news begin anew.
    this.#seq = 0;
    await pool.begin(holder, HOLDER_MS);
    if (this.#locals.size > 0)
      log.warn({ places: this.#locals.size }, "the waiting pool had lost this process; entering again");
    for (const [id, local] of [...this.#locals]) {
      if (!this.#locals.has(id)) continue;
      const { entry, conflict } = await pool.enter({ ...local.entry, holder });
      // Whoever left meanwhile was not in the pool yet.
      if (!this.#locals.has(id)) {
        await this.#leave(id);
        continue;
      }
      if (conflict !== null || entry.id !== id) {
        this.#locals.delete(id);
        local.listener.gone("replaced");
        continue;
      }
      const { match } = local;
      local.entry = entry;
      const place = match === null ? null : await pool.look(id);
      if (match === null || (place !== null && place.state !== "ended" && place.match !== null)) continue;
      this.#returned(local);
      void matches.close(match);
    }
    this.#isLost = false;
  }

  #tell(happening: QueueHappening): void {
    for (const message of queueMessages(this.#parts.game, happening)) this.#parts.publish(message);
  }
}
