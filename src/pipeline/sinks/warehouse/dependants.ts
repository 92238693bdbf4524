/** What depends on a view: what keeps it from being dropped, and what would be dropped with it. */
import type { SqlRunner } from "../../../platform/sql/Sql.ts";

export interface Dependant {
  /** `view bi.totals` */
  readonly description: string;
  /** The statement that drops it; null if there is none that drops nothing else. */
  readonly drop: string | null;
}

/** The kinds of objects whose identity, as PostgreSQL shows it, is what DROP expects. */
const DROPPABLE = ["view", "materialized view", "function", "procedure", "trigger", "rule"];

/** What depends on others in the list comes before them. */
export async function dependantsOf(tx: SqlRunner, view: string): Promise<Dependant[]> {
  const { rows } = await tx.query<{ type: string; identity: string }>(
    `WITH RECURSIVE found AS (
       SELECT 'pg_class'::regclass::oid AS class, $1::regclass::oid AS object, 0 AS part, 0 AS depth
       UNION
       SELECT CASE WHEN of_view.oid IS NULL THEN classid ELSE 'pg_class'::regclass END,
         coalesce(of_view.ev_class, objid), CASE WHEN of_view.oid IS NULL THEN objsubid ELSE 0 END, depth + 1
       FROM found
       JOIN pg_depend ON refclassid = class AND refobjid = object AND (part = 0 OR refobjsubid = part)
         -- The type of a view's rows.
         OR class = 'pg_class'::regclass AND part = 0 AND refclassid = 'pg_type'::regclass
           AND refobjid IN (SELECT unnest(ARRAY[oid, typarray]) FROM pg_type WHERE typrelid = object)
       -- The rule for SELECT is the view itself.
       LEFT JOIN pg_rewrite AS of_view
         ON classid = 'pg_rewrite'::regclass AND of_view.oid = objid AND of_view.ev_type = '1'
       -- An automatic dependant is dropped with its object, such as an index. Only those of the view itself must not be.
       WHERE (deptype = 'n' OR deptype = 'a' AND depth = 0) AND of_view.ev_class IS DISTINCT FROM object AND depth < 50
     )
     SELECT known.type, known.identity
     FROM (SELECT class, object, part, max(depth) AS depth FROM found WHERE depth > 0 GROUP BY class, object, part) AS each,
       pg_identify_object(class, object, part) AS known
     ORDER BY depth DESC, identity`,
    [view],
  );
  return rows.map(({ type, identity }) => ({
    description: `${type} ${identity}`,
    drop: DROPPABLE.includes(type) ? `DROP ${type.toUpperCase()} ${identity}` : null,
  }));
}

/** One line: what to do so that the view can be dropped, which is needed because of `loss`. */
export function remedyFor(view: string, loss: string, dependants: readonly Dependant[]): string {
  const list = (those: readonly Dependant[]) => those.map(({ description }) => description).join(", ");
  const statements = dependants.flatMap(({ drop }) => (drop === null ? [] : [`${drop};`]));
  const others = dependants.filter(({ drop }) => drop === null);
  const run = statements.length === 0 ? "" : `, run \`${statements.join(" ")}\``;
  const remove = others.length === 0 ? "" : `, remove ${list(others)}`;
  return (
    `this version must create ${view} again, because ${loss}, but these depend on it: ${list(dependants)}. Facts are stored as before. ` +
    `Save the definitions and grants of these${run}${remove}, and create them again when this warning has ended, a minute later`
  );
}
