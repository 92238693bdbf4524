/**
 * Reads the rows from which the ranking index is built: all ratings, or those changed since a watermark.
 *
 * A watermark is a transaction id, the xmin of a snapshot: when it was read, all transactions with smaller ids had ended. A
 * reader that has read up to a watermark can have missed only rows changed at or after it. It may read some of these rows twice.
 * The revision of a row shows that it was read before.
 */
import { and, asc, eq, sql as fragment, gt, gte, or } from "drizzle-orm";
import type { Sql } from "../../platform/sql/Sql.ts";
import { PROVISIONAL_GAMES } from "../rating/Rating.ts";
import { players, ratings, storeIdentity } from "./schema.ts";

export interface ListedRating {
  readonly seasonId: number;
  readonly game: string;
  readonly mode: string;
  readonly playerId: string;
  readonly rating: number;
  readonly games: number;
  readonly wins: number;
  readonly losses: number;
  readonly provisional: boolean;
  readonly revision: number;
  readonly listed: boolean;
}

export interface Changes {
  /** After these rows, the reader has seen every change before this transaction id. */
  readonly watermark: bigint;
  readonly rows: readonly ListedRating[];
  /** False if there may be further changes beyond `limit`. */
  readonly complete: boolean;
}

/** The oldest transaction that was still running. All transactions below it had ended. */
const HORIZON = fragment<string>`pg_snapshot_xmin(pg_current_snapshot())::text`;
/** Rated games of the player in the ladder, up to and including the season of the row. */
const ALL_GAMES = fragment`(select sum(e.games) from ${ratings} e where e.player_id = ${ratings.playerId}
  and e.game = ${ratings.game} and e.mode = ${ratings.mode} and e.season_id <= ${ratings.seasonId})`;
const COPY = fragment<string>`(select d.oid || '.' || 'ratings'::regclass::oid from pg_database d
  where d.datname = current_database())`;
const CURRENT_TRANSACTION = fragment`pg_current_xact_id()`;

export class RankingSource {
  readonly #sql: Sql;
  readonly #listAnonymous: boolean;

  constructor(sql: Sql, listAnonymous: boolean) {
    this.#sql = sql;
    this.#listAnonymous = listAnonymous;
  }

  /**
   * Identifies the database, and which of its players are listed. An index of another generation must not be used. PostgreSQL gives
   * a restored database, or its tables, different oids. Without the oids, the program would use an index with changes that the restored
   * database does not have.
   */
  async generation(): Promise<string> {
    const [{ id, copy }] = await this.#sql.orm.select({ id: storeIdentity.id, copy: COPY }).from(storeIdentity);
    return `${id}:${copy}:${this.#listAnonymous ? "all" : "accounts"}`;
  }

  async currentWatermark(): Promise<bigint> {
    // Raw SQL: drizzle's builder has no select without a table.
    const { rows } = await this.#sql.orm.execute<{ horizon: string }>(fragment`select ${HORIZON} as horizon`);
    return BigInt(rows[0].horizon);
  }

  /** The oldest changes since the watermark, at most `limit`. */
  async changesSince(watermark: bigint, limit: number): Promise<Changes> {
    const changed = await this.#sql.orm
      .select({ row: this.#row(), changedIn: fragment<string>`${ratings.changedIn}::text`, horizon: HORIZON })
      .from(ratings)
      .leftJoin(players, eq(players.id, ratings.playerId))
      .where(gte(ratings.changedIn, fragment`${watermark.toString()}::text::xid8`))
      .orderBy(asc(ratings.changedIn))
      .limit(limit);
    const rows = changed.map(({ row }) => row);
    // The horizon is read with the rows. If it were read after them, changes committed in between would be skipped.
    if (rows.length === 0) return { watermark, rows, complete: true };
    const horizon = BigInt(changed[0].horizon);
    const last = BigInt(changed.at(-1)!.changedIn);
    const complete = rows.length < limit;
    return { watermark: complete || horizon < last ? horizon : last, rows, complete };
  }

  /**
   * Yields all listed ratings, in batches. In a restored copy, rows can have greater transaction ids than the database has
   * reached. Those ids are first set to the current one.
   */
  async *all(batch: number): AsyncGenerator<readonly ListedRating[]> {
    await this.#sql.orm
      .update(ratings)
      .set({ changedIn: CURRENT_TRANSACTION })
      .where(gt(ratings.changedIn, CURRENT_TRANSACTION));
    let after: ListedRating | null = null;
    while (true) {
      const rows: readonly ListedRating[] = await this.#batch(after, batch);
      const listedRows = rows.filter((row) => row.listed);
      if (listedRows.length > 0) yield listedRows;
      if (rows.length < batch) return;
      after = rows.at(-1)!;
    }
  }

  async #batch(after: ListedRating | null, limit: number): Promise<ListedRating[]> {
    const { seasonId, game, mode, playerId } = ratings;
    return this.#sql.orm
      .select(this.#row())
      .from(ratings)
      .leftJoin(players, eq(players.id, playerId))
      .where(
        after === null
          ? undefined
          : fragment`(${seasonId}, ${game}, ${mode}, ${playerId}) > (${after.seasonId}, ${after.game}, ${after.mode}, ${after.playerId})`,
      )
      .orderBy(asc(seasonId), asc(game), asc(mode), asc(playerId))
      .limit(limit);
  }

  #row() {
    const { seasonId, game, mode, playerId, rating, games, wins, losses, revision } = ratings;
    const isListed = or(
      eq(players.kind, "account"),
      and(eq(players.kind, "anonymous"), fragment`${this.#listAnonymous}`),
    );
    return {
      ...{ seasonId, game, mode, playerId, rating, games, wins, losses, revision },
      provisional: fragment<boolean>`(${games} < ${PROVISIONAL_GAMES} and ${ALL_GAMES} < ${PROVISIONAL_GAMES})`,
      listed: fragment<boolean>`coalesce(${isListed}, false)`,
    };
  }
}
