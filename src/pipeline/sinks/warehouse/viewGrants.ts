/** Reads the grants of a view, and gives another view of the same name exactly these. */
import type { SqlRunner } from "../../../platform/sql/Sql.ts";

export interface Grant {
  /** Who has the grant, as SQL needs it. */
  readonly grantee: string;
  /** Null for a grant on the whole view. */
  readonly column: string | null;
  readonly statement: string;
}

export async function readGrants(tx: SqlRunner, view: string): Promise<Grant[]> {
  const { rows } = await tx.query<Grant>(
    `SELECT grantee, "column", format('GRANT %s%s ON %s TO %s%s', privilege, CASE WHEN "column" IS NOT NULL THEN format(' (%I)', "column") END, $1::text, grantee,
       CASE WHEN bool_or(grantable) THEN ' WITH GRANT OPTION' END) AS statement
     FROM (
       SELECT CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END AS grantee,
         acl.privilege_type AS privilege, acl.is_grantable AS grantable, "column"
       FROM (
         SELECT coalesce(relacl, acldefault('r', relowner)) AS items, NULL::text AS "column"
           FROM pg_class WHERE oid = $1::text::regclass
         UNION ALL SELECT attacl, attname::text FROM pg_attribute WHERE attrelid = $1::text::regclass AND attacl IS NOT NULL
       ) AS granted, aclexplode(items) AS acl
     ) AS each GROUP BY grantee, privilege, "column" ORDER BY statement`,
    [view],
  );
  return rows;
}

/**
 * Replaces the grants that a new view has by default. The owner becomes the grantor of all grants.
 * @param columns that the new view has. Grants on other columns cannot be restored.
 */
export async function restoreGrants(
  tx: SqlRunner,
  view: string,
  grants: readonly Grant[],
  columns: ReadonlySet<string>,
): Promise<void> {
  const wanted = grants.filter(({ column }) => column === null || columns.has(column));
  const present = await readGrants(tx, view);
  const textOf = (all: readonly Grant[]) => all.map(({ statement }) => statement).join("; ");
  if (textOf(wanted) === textOf(present)) return;
  for (const grantee of new Set(present.map((grant) => grant.grantee)))
    await tx.query(`REVOKE ALL ON ${view} FROM ${grantee}`);
  for (const { statement } of wanted) await tx.query(statement);
}
