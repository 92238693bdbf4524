import assert from "node:assert/strict";
import { arena } from "../../../src/arena/game.ts";
import { runSinks } from "../../../src/main/sinks/runSinks.ts";
import type { BatchHandler, EventLog } from "../../../src/pipeline/log/EventLog.ts";
import { EventCatalogue } from "../../../src/pipeline/sinks/eventCatalogue.ts";
import { Health } from "../../../src/platform/health/Health.ts";
import { readinessOf } from "../../../src/platform/health/readiness.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { NOON_MS } from "../../pipeline/sinks/matches.ts";
import { embeddedServer, type SqlServer } from "../../platform/sql/servers.ts";

/** A log without messages. `handlers`: of the groups that joined it, by name. */
class EmptyLog {
  readonly handlers = new Map<string, BatchHandler>();
  async consume(group: string, _topics: readonly string[], handler: BatchHandler) {
    this.handlers.set(group, handler);
    return { stopped: new Promise<void>(() => {}) };
  }
}

describe("the sinks of a program", function () {
  this.timeout(240_000);
  let server: SqlServer;
  let sql: Sql;
  before(async () => {
    server = await embeddedServer();
    sql = server.open();
  });
  after(async () => {
    await sql.close();
    await server.stop();
  });

  it("show a view of the warehouse that cannot be updated as a warning until it is, and log it once", async () => {
    const logged: string[] = [];
    const log = (_fields: object, line: string) => void logged.push(line);
    const health = new Health({ info: log, warn: log });
    const events = new EmptyLog();
    const unused = {} as never;
    let nowMs = NOON_MS;
    await runSinks({
      rejected: events as unknown as EventLog,
      ...{ log: events as unknown as EventLog, catalogue: new EventCatalogue([arena]), health, now: () => nowMs },
      ...{ warehouse: sql, operational: sql, objects: unused, feed: unused, results: unused, tracer: unused },
      ...{ ratingsChanged() {}, warehouseMoveTicks: 20, metrics: unused, logger: silent },
      lakeFlush: { eventsMs: 1000, samplesMs: 1000, bytes: 2 ** 20 },
      retentionDays: { events: null, matches: null, guests: null },
    });
    await server.asAdmin("CREATE SCHEMA dw", "CREATE TABLE dw.win_rate ()");
    const warehouse = events.handlers.get("warehouse")!;
    await warehouse.onAssigned("logs_move", 0, "topic-1");
    for (const minute of [1, 2]) {
      nowMs += minute * 60_000;
      await warehouse.onIdle!();
    }
    const { ready, warnings } = readinessOf(await health.conditions(), ["sinks"]);
    assert.ok(ready);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /^view dw\.win_rate is not up to date: dw\.win_rate is a table, expected a view/);
    assert.deepEqual(logged, warnings);

    await server.asAdmin("DROP TABLE dw.win_rate");
    nowMs += 60_000;
    await warehouse.onIdle!();
    assert.deepEqual(await health.conditions(), []);
    assert.deepEqual(logged, [warnings[0], `no longer: ${warnings[0]}`]);
    await sql.query("SELECT * FROM dw.win_rate");
  });
});
