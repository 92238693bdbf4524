/** MATCH_RETENTION_DAYS: the events of old matches are deleted, and their results are still recorded only once. */
import assert from "node:assert/strict";
import type { MatchResults } from "../../../src/pipeline/sinks/results/EndedMatch.ts";
import { OldMatchEvents } from "../../../src/pipeline/sinks/results/OldMatchEvents.ts";
import { resultsSink } from "../../../src/pipeline/sinks/results/ResultsSink.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { type SqlServer, sqlServers } from "../../platform/sql/servers.ts";
import { catalogue, LakeLog, withSeq } from "./lakeUnderTest.ts";
import { DAY_MS, NOON_MS, playMatch, tickMessage } from "./matches.ts";
import { MemoryRejects } from "./warehouseUnderTest.ts";

const played = [0, 1, 3]
  .flatMap((day, number) => playMatch({ number, mode: "duel", createdAt: NOON_MS + day * DAY_MS }))
  .filter(({ topic }) => topic === "logs_match");
const open = playMatch({ number: 9, mode: "duel" }).filter(({ topic }) => topic === "logs_match")[0];

for (const [name, start] of sqlServers) {
  describe(`the events of old matches on ${name}`, function () {
    this.timeout(240_000);
    let server: SqlServer;
    let sql: Sql;
    let passedOn = 0;
    before(async () => {
      server = await start("operational");
      sql = server.open();
      await server.wipe();
    });
    after(async () => {
      await sql.close();
      await server.stop();
    });

    const counting: MatchResults = {
      lock: async () => {},
      async apply(_, matches) {
        passedOn += matches.length;
        return [];
      },
    };
    const handler = () =>
      resultsSink({ sql, catalogue, rejects: new MemoryRejects(), results: counting, onCommitted() {}, warn() {} })
        .handler;

    it("are found by day without a table, and once there are matches", async () => {
      const old = new OldMatchEvents(sql);
      assert.deepEqual(await old.daysBefore("2026-02-06"), []);
      const log = new LakeLog("logs_match");
      for (const [index, one] of [...played, open].entries()) log.add(withSeq(tickMessage(one), index + 1));
      await log.deliverAll(handler());
      assert.equal(passedOn, 3);
      assert.deepEqual(await old.daysBefore("2026-02-06"), ["2026-02-03", "2026-02-04"]);
      assert.deepEqual(await old.daysBefore("2026-02-03"), []);
    });

    it("are deleted up to the day, but not those of matches that are still open", async () => {
      const old = new OldMatchEvents(sql);
      assert.equal(await old.deleteBefore("2026-02-06"), "the events of 2 matches");
      const { rows } = await sql.query(
        "SELECT created IS NOT NULL AS created, started IS NOT NULL AS started, ended = '{}' AS empty FROM results.match ORDER BY match_id",
      );
      const emptied = { created: false, started: false, empty: true };
      const stillOpen = { created: true, started: false, empty: null };
      assert.deepEqual(rows, [emptied, stillOpen, emptied, { created: true, started: true, empty: false }]);
      assert.deepEqual(await old.daysBefore("2026-02-06"), []);
    });

    it("are not needed to recognize a match that is replayed", async () => {
      await sql.query("UPDATE results.sink_offsets SET next_offset = NULL");
      const log = new LakeLog("logs_match");
      for (const [index, one] of played.entries()) log.add(withSeq(tickMessage(one), index + 1));
      await log.deliverAll(handler());
      assert.equal(passedOn, 3);
    });
  });
}
