/** Opens the embedded database in the directory named, commits a row, says so, and waits to be killed. */
import { openSql } from "../../../src/platform/sql/openSql.ts";

const sql = await openSql({ embedded: process.argv[2] });
await sql.query("CREATE TABLE kept AS SELECT 1 AS one");
process.send!("committed");
setInterval(() => {}, 60_000);
