/**
 * Reads and writes the row that names the installation of the operational database, and where that installation keeps its other
 * data.
 */
import { and, eq, sql as fragment, isNull, or } from "drizzle-orm";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { storeIdentity } from "./schema.ts";

export interface InstallationRow {
  readonly id: string;
  /** Null until the first start of this version. */
  readonly namespace: string | null;
  /** Which log the installation uses; null until the first start of this version. */
  readonly log: string | null;
  /** Time since a process of the installation was last seen; null if that is unknown. */
  readonly seenSecondsAgo: number | null;
}

/** Needs a migrated database. */
export async function readInstallation(sql: SqlRunner): Promise<InstallationRow> {
  const { id, namespace, log, seenAt } = storeIdentity;
  const seenSecondsAgo = fragment<number | null>`extract(epoch from now() - ${seenAt})::float8`;
  const [row] = await sql.orm.select({ id, namespace, log, seenSecondsAgo }).from(storeIdentity);
  return row;
}

/**
 * Stores where the installation keeps its data, and that it is running. Resolves to false if the database belongs to another
 * installation.
 */
export async function keepInstallation(
  sql: SqlRunner,
  { id, namespace, log }: Pick<InstallationRow, "id"> & { readonly namespace: string; readonly log: string },
): Promise<boolean> {
  const { rowCount } = await sql.orm
    .update(storeIdentity)
    .set({ namespace, log, seenAt: fragment`now()` })
    .where(
      and(
        eq(storeIdentity.id, id),
        or(isNull(storeIdentity.namespace), eq(storeIdentity.namespace, namespace)),
        or(isNull(storeIdentity.log), eq(storeIdentity.log, log)),
      ),
    );
  return rowCount === 1;
}

/** Makes the database belong to another installation. */
export async function replaceInstallation(
  sql: SqlRunner,
  row: { readonly id: string; readonly namespace: string; readonly log: string },
): Promise<void> {
  await sql.orm.update(storeIdentity).set({ ...row, seenAt: null });
}
