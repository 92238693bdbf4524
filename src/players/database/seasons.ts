/** Reads the seasons. They are few and change rarely, so the list is cached for ten seconds. */
import { asc } from "drizzle-orm";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { seasons } from "./schema.ts";

export interface Season {
  readonly id: number;
  readonly name: string;
  readonly startsAt: Date;
  /** Exclusive. Null if this is the latest season and it is still open. */
  readonly endsAt: Date | null;
  /** How far ratings are pulled towards the initial rating at the start: 0 keeps them, 1 resets them. */
  readonly softReset: number;
}

const CACHE_MS = 10_000;

export class Seasons {
  readonly #sql: SqlRunner;
  readonly #now: () => number;
  readonly #monotonicMs: () => number;
  #cached: { readonly seasons: readonly Season[]; readonly until: number } | null = null;

  /** `now`: Unix ms. `monotonicMs`: a clock in ms that is never set back. */
  constructor(sql: SqlRunner, now: () => number = Date.now, monotonicMs: () => number = () => performance.now()) {
    this.#sql = sql;
    this.#now = now;
    this.#monotonicMs = monotonicMs;
  }

  /** Ordered by start time. At most ten seconds old. */
  async list(): Promise<readonly Season[]> {
    if (this.#cached !== null && this.#cached.until > this.#monotonicMs()) return this.#cached.seasons;
    const read: readonly Season[] = await this.#sql.orm.select().from(seasons).orderBy(asc(seasons.startsAt));
    this.#cached = { seasons: read, until: this.#monotonicMs() + CACHE_MS };
    return read;
  }

  /** The season of a match that is created now; null before the first season. */
  async current(): Promise<Season | null> {
    return (await this.list()).findLast(({ startsAt }) => startsAt.getTime() <= this.#now()) ?? null;
  }
}
