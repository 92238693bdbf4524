import { and, asc, eq, inArray, isNotNull, isNull, or, sql } from "drizzle-orm";
import { nameKeys } from "../../../schema/nameKeys.ts";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { players } from "./schema.ts";

/** Each page is found by sorting all rows that are left, so a page is large. */
const PAGE = 10_000;

const unfilled = and(eq(players.kind, "account"), isNotNull(players.name), isNull(players.nameShown));

/**
 * Gives the accounts that were named by earlier versions the keys of their names. Of accounts whose names count as equal, the
 * oldest gets the keys. All keep their names.
 */
export async function fillNameKeys(tx: SqlRunner): Promise<void> {
  // The key of an earlier version may be equal to the new key of another account.
  await tx.orm.update(players).set({ nameFolded: null }).where(unfilled);
  for (let withoutKeys = 0; ; ) {
    const page = await tx.orm
      .select({ id: players.id, name: players.name })
      .from(players)
      .where(unfilled)
      .orderBy(asc(players.createdAt), asc(players.id))
      .offset(withoutKeys)
      .limit(PAGE);
    if (page.length === 0) return;
    withoutKeys += page.length - (await fillPage(tx, page));
  }
}

/** Resolves to the number of accounts that got keys. */
async function fillPage(
  tx: SqlRunner,
  page: readonly { readonly id: string; readonly name: string | null }[],
): Promise<number> {
  const wanted = page.map(({ id, name }) => ({ id, ...nameKeys(name!) }));
  const taken = await tx.orm
    .select({ folded: players.nameFolded, shown: players.nameShown })
    .from(players)
    .where(
      or(
        inArray(
          players.nameFolded,
          wanted.map(({ folded }) => folded),
        ),
        inArray(
          players.nameShown,
          wanted.map(({ shown }) => shown),
        ),
      ),
    );
  const folded = new Set(taken.map((keys) => keys.folded));
  const shown = new Set(taken.map((keys) => keys.shown));
  const free = wanted.filter((keys) => {
    if (folded.has(keys.folded) || shown.has(keys.shown)) return false;
    folded.add(keys.folded);
    shown.add(keys.shown);
    return true;
  });
  const column = (key: "id" | "folded" | "shown") => sql`${sql.param(free.map((keys) => keys[key]))}::text[]`;
  await tx.orm
    .update(players)
    .set({ nameFolded: sql`v.folded`, nameShown: sql`v.shown` })
    .from(sql`unnest(${column("id")}, ${column("folded")}, ${column("shown")}) as v(id, folded, shown)`)
    .where(sql`${players.id} = v.id`);
  return free.length;
}
