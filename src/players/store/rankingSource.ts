/**
 * Owns what the ranking index is made from: rows of `ratings` as they are listed, all of them or those changed since a
 * moment. Reads only, but for one repair.
 *
 * A moment is a transaction id below which everything had ended when it was read (the snapshot's xmin). Rows changed since it
 * are all that a reader who saw that moment can have missed; some it has seen already, and their revision tells.
 */
import { and, asc, eq, sql as fragment, gt, gte, or } from "drizzle-orm";
import type { Sql } from "../../platform/sql/Sql.ts";
import { players, ratings, storeIdentity } from "./schema.ts";

export interface ListedRating {
  readonly seasonId: number;
  readonly mode: string;
  readonly playerId: string;
  readonly rating: number;
  readonly games: number;
  readonly wins: number;
  readonly losses: number;
  readonly revision: number;
  readonly listed: boolean;
}

export interface Changes {
  /** Everything before it has been seen once these rows have. */
  readonly watermark: bigint;
  readonly rows: readonly ListedRating[];
  /** False where more may have changed than was asked for. */
  readonly complete: boolean;
}

/** Everything below it had ended. */
const HORIZON = fragment<string>`pg_snapshot_xmin(pg_current_snapshot())::text`;
const NOW_IN = fragment`pg_current_xact_id()`;

export class RankingSource {
  readonly #sql: Sql;
  readonly #listAnonymous: boolean;

  constructor(sql: Sql, listAnonymous: boolean) {
    this.#sql = sql;
    this.#listAnonymous = listAnonymous;
  }

  /** Names the database and what of it is listed: an index of another generation is of no use. */
  async generation(): Promise<string> {
    const [store] = await this.#sql.orm.select({ id: storeIdentity.id }).from(storeIdentity);
    return `${store.id}:${this.#listAnonymous ? "all" : "accounts"}`;
  }

  async now(): Promise<bigint> {
    // Raw SQL: drizzle's builder has no select without a table.
    const { rows } = await this.#sql.orm.execute<{ horizon: string }>(fragment`select ${HORIZON} as horizon`);
    return BigInt(rows[0].horizon);
  }

  /** The oldest changes since the watermark, `limit` at most. */
  async changesSince(watermark: bigint, limit: number): Promise<Changes> {
    const changed = await this.#sql.orm
      .select({ row: this.#row(), changedIn: fragment<string>`${ratings.changedIn}::text`, horizon: HORIZON })
      .from(ratings)
      .leftJoin(players, eq(players.id, ratings.playerId))
      .where(gte(ratings.changedIn, fragment`${watermark.toString()}::text::xid8`))
      .orderBy(asc(ratings.changedIn))
      .limit(limit);
    const rows = changed.map(({ row }) => row);
    // Read after the rows would be too late: what ended in between would be skipped.
    if (rows.length === 0) return { watermark, rows, complete: true };
    const horizon = BigInt(changed[0].horizon);
    const last = BigInt(changed.at(-1)!.changedIn);
    const complete = rows.length < limit;
    return { watermark: complete || horizon < last ? horizon : last, rows, complete };
  }

  /** All listed ratings, in batches. Rows of a restored copy that come from the future of this database are brought home first. */
  async *all(batch: number): AsyncGenerator<readonly ListedRating[]> {
    await this.#sql.orm.update(ratings).set({ changedIn: NOW_IN }).where(gt(ratings.changedIn, NOW_IN));
    let after: ListedRating | null = null;
    while (true) {
      const rows: readonly ListedRating[] = await this.#batch(after, batch);
      const listed = rows.filter((row) => row.listed);
      if (listed.length > 0) yield listed;
      if (rows.length < batch) return;
      after = rows.at(-1)!;
    }
  }

  async #batch(after: ListedRating | null, limit: number): Promise<ListedRating[]> {
    const { seasonId, mode, playerId } = ratings;
    return this.#sql.orm
      .select(this.#row())
      .from(ratings)
      .leftJoin(players, eq(players.id, playerId))
      .where(
        after === null
          ? undefined
          : fragment`(${seasonId}, ${mode}, ${playerId}) > (${after.seasonId}, ${after.mode}, ${after.playerId})`,
      )
      .orderBy(asc(seasonId), asc(mode), asc(playerId))
      .limit(limit);
  }

  #row() {
    const { seasonId, mode, playerId, rating, games, wins, losses, revision } = ratings;
    const listed = or(
      eq(players.kind, "account"),
      and(eq(players.kind, "anonymous"), fragment`${this.#listAnonymous}`),
    );
    return {
      ...{ seasonId, mode, playerId, rating, games, wins, losses, revision },
      listed: fragment<boolean>`coalesce(${listed}, false)`,
    };
  }
}
