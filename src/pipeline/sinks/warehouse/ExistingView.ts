/** A view as it is in the database. */
import type { SqlRunner } from "../../../platform/sql/Sql.ts";

export interface ViewColumn {
  readonly name: string;
  readonly type: string;
  readonly collation: string;
  /** The statement that sets the column's comment; null if it has none. */
  readonly setComment: string | null;
}

export interface ExistingView {
  /** With its schema, as SQL needs it. */
  readonly name: string;
  /** `v` for a view: PostgreSQL's `relkind`, because another relation may have the name. */
  readonly kind: string;
  readonly kindName: string;
  /** As SQL needs it, as is `user`: the user of this connection. */
  readonly owner: string;
  readonly user: string;
  /** Whether the user may replace the view. */
  readonly isOwn: boolean;
  readonly comment: string | null;
  /** What WITH has in parentheses. */
  readonly options: string;
  /** Only of a view. */
  readonly definition: string | null;
  /** In their order. */
  readonly columns: readonly ViewColumn[];
}

export const sameColumn = (a: ViewColumn, b: ViewColumn): boolean =>
  a.name === b.name && a.type === b.type && a.collation === b.collation;

/** Resolves to null if there is nothing of this name. */
export async function readView(tx: SqlRunner, name: string): Promise<ExistingView | null> {
  const { rows } = await tx.query<ExistingView>(
    `SELECT $1::text AS name, relkind AS kind, (pg_identify_object('pg_class'::regclass, c.oid, 0)).type AS "kindName",
       quote_ident(pg_get_userbyid(relowner)) AS owner, quote_ident(current_user) AS user,
       pg_has_role(relowner, 'USAGE') AS "isOwn", obj_description(c.oid, 'pg_class') AS comment,
       coalesce(array_to_string(reloptions, ', '), '') AS options, CASE WHEN relkind = 'v' THEN pg_get_viewdef(c.oid) END AS definition,
       (SELECT json_agg(json_build_object('name', attname, 'type', format_type(atttypid, atttypmod),
          'collation', attcollation::text, 'setComment', CASE WHEN col_description(attrelid, attnum) IS NOT NULL
            THEN format('COMMENT ON COLUMN %s.%I IS %L', $1::text, attname, col_description(attrelid, attnum)) END) ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns
     FROM pg_class c WHERE c.oid = to_regclass($1::text)`,
    [name],
  );
  return rows[0] ?? null;
}
