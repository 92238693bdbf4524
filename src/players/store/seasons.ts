/** Owns reading the seasons. There are few and they change rarely, so a list is kept for a while. */
import { asc } from "drizzle-orm";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { seasons } from "./schema.ts";

export interface Season {
  readonly id: number;
  readonly name: string;
  readonly startsAt: Date;
  /** Exclusive; null while the last season is open. */
  readonly endsAt: Date | null;
  /** Share of the distance to the initial rating that is given up at the start. */
  readonly softReset: number;
}

const KEEP_MS = 10_000;

export class Seasons {
  readonly #sql: SqlRunner;
  readonly #now: () => number;
  #kept: { readonly seasons: readonly Season[]; readonly until: number } | null = null;

  constructor(sql: SqlRunner, now: () => number = Date.now) {
    this.#sql = sql;
    this.#now = now;
  }

  /** In the order of their starts; at most ten seconds old. */
  async list(): Promise<readonly Season[]> {
    if (this.#kept !== null && this.#kept.until > this.#now()) return this.#kept.seasons;
    const read: readonly Season[] = await this.#sql.orm.select().from(seasons).orderBy(asc(seasons.startsAt));
    this.#kept = { seasons: read, until: this.#now() + KEEP_MS };
    return read;
  }

  /** The season that a match created now belongs to; null before the first. */
  async current(): Promise<Season | null> {
    return (await this.list()).findLast(({ startsAt }) => startsAt.getTime() <= this.#now()) ?? null;
  }
}
