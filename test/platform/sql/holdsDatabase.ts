/** Opens the embedded database in the given directory, commits a row, reports that, and waits to be killed. */
import { openSql } from "../../../src/platform/sql/openSql.ts";

const sql = await openSql({ embedded: process.argv[2] });
await sql.query("CREATE TABLE kept AS SELECT 1 AS one");
process.send!("committed");
setInterval(() => {}, 60_000);
