/**
 * Owns what the ranking index is made from: rows of `ratings` as they are listed, all of them or those changed since a
 * moment. Reads only, but for one repair.
 *
 * A moment is a transaction id below which everything had ended when it was read (the snapshot's xmin). Rows changed since it
 * are all that a reader who saw that moment can have missed; some it has seen already, and their revision tells.
 */
import type { Sql, SqlRunner } from "../../platform/sql/Sql.ts";

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

const ROW = `r.season_id as "seasonId", r.mode, r.player_id as "playerId", r.rating, r.games, r.wins, r.losses, r.revision,
  coalesce(p.kind = 'account' or (p.kind = 'anonymous' and $1), false) as listed`;

export class RankingSource {
  readonly #sql: Sql;
  readonly #listAnonymous: boolean;

  constructor(sql: Sql, listAnonymous: boolean) {
    this.#sql = sql;
    this.#listAnonymous = listAnonymous;
  }

  /** Names the database and what of it is listed: an index of another generation is of no use. */
  async generation(): Promise<string> {
    const { rows } = await this.#sql.query<{ id: string }>("select id from store_identity");
    return `${rows[0].id}:${this.#listAnonymous ? "all" : "accounts"}`;
  }

  async now(): Promise<bigint> {
    return readWatermark(this.#sql);
  }

  /** The oldest changes since the watermark, `limit` at most. */
  async changesSince(watermark: bigint, limit: number): Promise<Changes> {
    const { rows } = await this.#sql.query<ListedRating & { horizon: string; changedIn: string }>(
      `select ${ROW}, r.changed_in::text as "changedIn", pg_snapshot_xmin(pg_current_snapshot())::text as horizon
       from ratings r left join players p on p.id = r.player_id
       where r.changed_in >= $2::text::xid8 order by r.changed_in limit $3`,
      [this.#listAnonymous, watermark.toString(), limit],
    );
    // Read after the rows would be too late: what ended in between would be skipped.
    if (rows.length === 0) return { watermark, rows, complete: true };
    const horizon = BigInt(rows[0].horizon);
    const last = BigInt(rows.at(-1)!.changedIn);
    const complete = rows.length < limit;
    return { watermark: complete || horizon < last ? horizon : last, rows, complete };
  }

  /** All listed ratings, in batches. Rows of a restored copy that come from the future of this database are brought home first. */
  async *all(batch: number): AsyncGenerator<readonly ListedRating[]> {
    await this.#sql.query(
      "update ratings set changed_in = pg_current_xact_id() where changed_in > pg_current_xact_id()",
    );
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
    const beyond = after === null ? "" : "where (r.season_id, r.mode, r.player_id) > ($3, $4, $5)";
    const { rows } = await this.#sql.query<ListedRating>(
      `select ${ROW} from ratings r left join players p on p.id = r.player_id ${beyond}
       order by r.season_id, r.mode, r.player_id limit $2`,
      [this.#listAnonymous, limit, ...(after === null ? [] : [after.seasonId, after.mode, after.playerId])],
    );
    return rows;
  }
}

async function readWatermark(sql: SqlRunner): Promise<bigint> {
  const { rows } = await sql.query<{ horizon: string }>(
    "select pg_snapshot_xmin(pg_current_snapshot())::text as horizon",
  );
  return BigInt(rows[0].horizon);
}
