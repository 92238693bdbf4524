/** The holders (processes and tickets) of the in-memory pool: when each expires, and the news that it has not confirmed yet. */
import { type Entry, isTicket, type News } from "./Pool.ts";

interface Holder {
  expiresAt: number;
  news: News[];
}

/** News without its sequence number and entry id. */
type NewsBody = { [K in News["kind"]]: Omit<Extract<News, { kind: K }>, "seq" | "entryId"> }[News["kind"]];

export class MemoryHolders {
  readonly #holders = new Map<string, Holder>();
  readonly #now: () => number;
  #seq = 0;

  /** `now`: Unix ms, from a clock that is never set. */
  constructor(now: () => number) {
    this.#now = now;
  }

  has(holder: string): boolean {
    return this.#holders.has(holder);
  }

  isAlive(holder: string): boolean {
    return (this.#holders.get(holder)?.expiresAt ?? 0) > this.#now();
  }

  register(holder: string, ttlMs: number): void {
    const expiresAt = this.#now() + ttlMs;
    const state = this.#holders.get(holder);
    if (state === undefined) this.#holders.set(holder, { expiresAt, news: [] });
    else state.expiresAt = expiresAt;
  }

  /** As `Pool.heartbeat`. */
  heartbeat(holder: string, seq: number, ttlMs: number): readonly News[] | null {
    const state = this.#holders.get(holder);
    if (state === undefined || state.expiresAt <= this.#now()) return null;
    state.expiresAt = this.#now() + ttlMs;
    state.news = state.news.filter((news) => news.seq > seq);
    return [...state.news];
  }

  /** Makes the holder expire now, so that the next sweep removes what it still holds. */
  expireNow(holder: string): void {
    const state = this.#holders.get(holder);
    if (state !== undefined) state.expiresAt = this.#now();
  }

  forget(holder: string): void {
    this.#holders.delete(holder);
  }

  expired(): readonly string[] {
    const now = this.#now();
    return [...this.#holders].filter(([, { expiresAt }]) => expiresAt <= now).map(([holder]) => holder);
  }

  /** A ticket gets no news, because its player reads the status. */
  notify({ id, holder }: Entry, news: NewsBody): void {
    if (isTicket(holder)) return;
    this.#holders.get(holder)?.news.push({ ...news, seq: ++this.#seq, entryId: id } as News);
  }
}
