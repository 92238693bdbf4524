/**
 * Brings one view to the query of this build. The view's comment contains the version of its query, and the hash. If the hash is the same,
 * nothing is changed, because a change locks the view for readers. If the version is higher, a newer build has made the view, and it
 * stays.
 *
 * PostgreSQL replaces a view in place only if its columns keep their order and types and new ones follow at the end. So the order of
 * an existing view is kept. If a column was removed or has another type, the view is dropped and created again. Grants, the owner,
 * options and the comments of others are the same afterwards.
 */
import { createHash } from "node:crypto";
import type { Sql, SqlRunner } from "../../../platform/sql/Sql.ts";
import { lockSchema, SCHEMA_CHANGE } from "../ensureSchema.ts";
import { dependantsOf, remedyFor } from "./dependants.ts";
import { type ExistingView, readView, sameColumn, type ViewColumn } from "./ExistingView.ts";
import { alter, limitLockWaits, namingUsers } from "./lockWaits.ts";
import { SCHEMA } from "./Table.ts";
import { readGrants, restoreGrants } from "./viewGrants.ts";
import type { View } from "./views.ts";

/** Builds before versions wrote only the hash. They replace a view with this tag, so it must end as theirs. */
const TAG = /(?:\bversion (\d+) )?\[[0-9a-f]{16}\]$/;

const tagOf = ({ query }: View): string => `[${createHash("sha256").update(query).digest("hex").slice(0, 16)}]`;
const commentOf = (view: View): string => `${view.about}; version ${view.version} ${tagOf(view)}`;
const nameOf = ({ name }: View): string => `${SCHEMA}.${name}`;

/** Resolves to what was changed, for a log line; null if nothing was. Rejects with an error of one line that says what to do. */
export async function updateView(sql: Sql, view: View): Promise<string | null> {
  const isCurrent = (existing: ExistingView | null) => existing?.kind === "v" && existing.comment === commentOf(view);
  if (isCurrent(await readView(sql, nameOf(view)))) return null;
  const update = async (tx: SqlRunner): Promise<string | null> => {
    await lockSchema(tx, SCHEMA);
    await limitLockWaits(tx);
    const existing = await readView(tx, nameOf(view));
    // Another process was faster.
    if (isCurrent(existing)) return null;
    if (existing !== null) return change(tx, view, existing);
    await create(tx, view, view.query, "");
    await comment(tx, view, commentOf(view));
    return null;
  };
  return namingUsers(sql, () => sql.transaction(update, SCHEMA_CHANGE));
}

async function change(tx: SqlRunner, view: View, existing: ExistingView): Promise<string | null> {
  const { name, kindName, owner, user } = existing;
  if (existing.kind !== "v") throw new Error(`${name} is a ${kindName}, expected a view: rename the ${kindName}`);
  if (versionOf(existing) > view.version) return `kept view ${name}, which a newer version of the program has made`;
  const { columns } = await tryQuery(tx, view.query);
  const loss = lossOf(existing.columns, columns);
  if (loss.includes(REMOVED) && keptComment(existing) !== null)
    return `kept view ${name}, whose comment does not say which version of the program has made it: in this version, ${loss}; to update it, run COMMENT ON VIEW ${name} IS NULL`;
  const query = loss === "" ? inOrderOf(existing.columns, columns, view.query) : view.query;
  if (await isSame(tx, view, existing, query)) {
    if (existing.isOwn && keptComment(existing) === null) await comment(tx, view, commentOf(view));
    return null;
  }
  if (!existing.isOwn)
    throw new Error(
      `this version has another query for it, but ${name} belongs to ${owner}, not to ${user}: run ALTER VIEW ${name} OWNER TO ${user}`,
    );
  if (loss !== "") await recreate(tx, view, { existing, columns, loss });
  else await alter(tx, name, "be updated", `CREATE OR REPLACE VIEW ${name}${optionsOf(existing)} AS ${query}`);
  await comment(tx, view, keptComment(existing) ?? commentOf(view));
  return loss === "" ? `updated view ${name}` : `created view ${name} again, with its grants, because ${loss}`;
}

/** 0 for a build before versions; also if the comment is not that of a build. */
const versionOf = ({ comment }: ExistingView): number => Number(TAG.exec(comment ?? "")?.[1] ?? 0);

/** Creates a view with the query, which the same transaction drops, to read its columns and its definition. */
async function tryQuery(tx: SqlRunner, query: string): Promise<ExistingView> {
  const name = `${SCHEMA}."declared view"`;
  await tx.query(`CREATE VIEW ${name} AS ${query}`);
  const view = await readView(tx, name);
  await tx.query(`DROP VIEW ${name}`);
  return view!;
}

/** If others have changed the comment, only the definition shows it. */
async function isSame(tx: SqlRunner, view: View, { comment, definition }: ExistingView, query: string) {
  return comment?.endsWith(tagOf(view)) || (await tryQuery(tx, query)).definition === definition;
}

/** The comment of others; null if the view has none, or that of a build of this program. */
const keptComment = ({ comment }: ExistingView): string | null =>
  comment === null || TAG.test(comment) ? null : comment;

function inOrderOf(existing: readonly ViewColumn[], declared: readonly ViewColumn[], query: string): string {
  const added = declared.filter((column) => !existing.some(({ name }) => name === column.name));
  const names = [...existing, ...added].map(({ name }) => name);
  if (names.every((name, at) => name === declared[at].name)) return query;
  return `SELECT ${names.map((name) => `"${name}"`).join(", ")} FROM (${query}) AS declared`;
}

const REMOVED = "is removed";

/** Why a view with these columns cannot be replaced in place by one with the declared columns; empty if it can. */
function lossOf(existing: readonly ViewColumn[], declared: readonly ViewColumn[]): string {
  const losses = existing.flatMap((column) => {
    const now = declared.find(({ name }) => name === column.name);
    if (now === undefined) return [`column ${column.name} ${REMOVED}`];
    return sameColumn(column, now) ? [] : [`column ${column.name} changes from ${column.type} to ${now.type}`];
  });
  return losses.join(", ");
}

/** CREATE OR REPLACE removes the options that it does not name. */
const optionsOf = ({ options }: ExistingView): string => (options === "" ? "" : ` WITH (${options})`);

async function create(tx: SqlRunner, view: View, query: string, options: string): Promise<void> {
  await tx.query(`CREATE VIEW ${nameOf(view)}${options} AS ${query}`);
}

async function comment(tx: SqlRunner, view: View, text: string): Promise<void> {
  await tx.query(`COMMENT ON VIEW ${nameOf(view)} IS '${text.replaceAll("'", "''")}'`);
}

interface Recreation {
  readonly existing: ExistingView;
  /** Of the new view. */
  readonly columns: readonly ViewColumn[];
  readonly loss: string;
}

async function recreate(tx: SqlRunner, view: View, { existing, columns, loss }: Recreation): Promise<void> {
  const { name, owner, user } = existing;
  const dependants = await dependantsOf(tx, name);
  if (dependants.length > 0) throw new Error(remedyFor(name, loss, dependants));
  const grants = await readGrants(tx, name);
  await alter(tx, name, "be updated", `DROP VIEW ${name}`);
  await create(tx, view, view.query, optionsOf(existing));
  if (owner !== user) await tx.query(`ALTER VIEW ${name} OWNER TO ${owner}`);
  const names = new Set(columns.map((column) => column.name));
  await restoreGrants(tx, name, grants, names);
  for (const column of existing.columns)
    if (column.setComment !== null && names.has(column.name)) await tx.query(column.setComment);
}
