/**
 * A process that runs the warehouse sink on a generated feed, from its stored offsets to the end. Tests kill it while it runs.
 */
import { PgSql } from "../../../src/platform/sql/PgSql.ts";
import { Feed } from "./Feed.ts";
import { playMatch, tickMessage } from "./matches.ts";
import { warehouse } from "./warehouseUnderTest.ts";

export function feedOfProcess(): Feed {
  const feed = new Feed();
  for (let number = 0; number < 6; number++) {
    for (const message of playMatch({ number, mode: number % 2 === 0 ? "duel" : "ffa", ticks: 80 }))
      feed.add(number % 2, tickMessage(message));
  }
  return feed;
}

if (process.argv[1] === import.meta.filename) {
  const sql = new PgSql({ variable: "WAREHOUSE_URL", url: process.argv[2] });
  process.send!("started");
  await feedOfProcess().deliverAll(warehouse(sql), () => 5);
  await sql.close();
  process.disconnect();
}
