/**
 * Lists the files that send SQL as text to the operational store instead of through drizzle's builder. Each must give a reason.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

/** Files whose SQL goes to the warehouse, and the SQL port itself. */
const EXEMPT = ["src/pipeline/audit/", "src/pipeline/sinks/warehouse/", "src/platform/sql/"];

/** Files with statements that the builder cannot express, each with the reason in a comment: `Raw SQL: …`. */
const RAW: readonly string[] = [
  "src/main/commands/rebuildables.ts",
  "src/pipeline/rebuild/clearTables.ts",
  "src/pipeline/sinks/ensureSchema.ts",
  "src/pipeline/sinks/results/OldMatchEvents.ts",
  "src/pipeline/sinks/retention/RetentionRow.ts",
  "src/players/database/migrate.ts",
  "src/players/database/oldGuests.ts",
  "src/players/database/rankingSource.ts",
  "src/players/database/readMatchWeight.ts",
];

/** A call of the port's `query`, or of drizzle's `execute`. */
const CALL = /\b(?:sql|tx|orm|operational|runner)\.(?:query|execute)\b/;
/** A text or template that begins like a statement; a fragment inside a builder does not. */
const STATEMENT =
  /["'`]\s*(?:select\s|insert into\s|update \S+ set\s|delete from\s|with \w+ as\s|truncate\s|create (?:table|schema|index)\s|drop\s|savepoint\s)/i;

const hasRawSql = (text: string): boolean => CALL.test(text) || STATEMENT.test(text);

const files = ["rooms", "src"]
  .flatMap((folder) => readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
  .filter((file) => !EXEMPT.some((folder) => file.startsWith(folder)));

const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

describe("raw SQL for the operational store", () => {
  it("is only in the files that are listed here", () => {
    assert.deepEqual(files.filter((file) => hasRawSql(read(file))).sort(), [...RAW].sort());
  });

  it("has its reason in a comment", () => {
    assert.deepEqual(
      RAW.filter((file) => !/Raw SQL: \w/.test(read(file))),
      [],
    );
  });

  it("is recognised as text and as a call, and not confused with fragments", () => {
    for (const raw of ['tx.query("x")', "this.#sql.orm.execute(s)", "`\n  select 1`", '"UPDATE a SET b = 1"'])
      assert.ok(hasRawSql(raw), raw);
    for (const drizzle of ["sql`excluded.a + 1`", "tx.orm.select({ id })", "sql`count(*)::int`"])
      assert.ok(!hasRawSql(drizzle), drizzle);
  });
});
