/** `redrive` without Kafka: what the sinks of an embedded log have rejected is kept, and sent again into the log of the server. */
import assert from "node:assert/strict";
import path from "node:path";
import { arena } from "../../../src/arena/game.ts";
import { audit } from "../../../src/pipeline/audit/audit.ts";
import { EmbeddedLog } from "../../../src/pipeline/embeddedLog/EmbeddedLog.ts";
import { RejectedLog } from "../../../src/pipeline/embeddedLog/RejectedLog.ts";
import { RejectedStore } from "../../../src/pipeline/embeddedLog/RejectedStore.ts";
import { moveRecords } from "../../../src/pipeline/events/moveRecords.ts";
import { readToEnd } from "../../../src/pipeline/log/readToEnd.ts";
import type { OutboxWriter } from "../../../src/pipeline/outbox/Outbox.ts";
import { openWriter } from "../../../src/pipeline/outbox/openOutbox.ts";
import { redriveCommand } from "../../../src/pipeline/redrive/redriveCommand.ts";
import { EventCatalogue } from "../../../src/pipeline/sinks/eventCatalogue.ts";
import { lakeSink } from "../../../src/pipeline/sinks/lake/LakeSink.ts";
import { createRejects } from "../../../src/pipeline/sinks/rejects.ts";
import { warehouseSink } from "../../../src/pipeline/sinks/warehouse/WarehouseSink.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { DirectoryStore } from "../../../src/platform/objectStore/DirectoryStore.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { embeddedServer, type SqlServer } from "../../platform/sql/servers.ts";
import { wholeMatch } from "../audit/wholeMatch.ts";
import { Temporary } from "../outbox/temporary.ts";
import { catalogue, withSeq } from "../sinks/lakeUnderTest.ts";
import { NOON_MS, tickMessage } from "../sinks/matches.ts";

const messages = wholeMatch({ number: 1, mode: "duel" }).map((one, at) => withSeq(tickMessage(one), at + 1));
const REJECTED = 30;
const SINKS = ["warehouse", "lake"];

describe("redrive of an embedded installation", function () {
  this.timeout(240_000);
  let temporary: Temporary;
  let server: SqlServer;
  let sql: Sql;
  let writer: OutboxWriter;
  let log: EmbeddedLog;
  let objects: DirectoryStore;

  before(async () => {
    temporary = new Temporary();
    server = await embeddedServer();
    sql = server.open();
    writer = await openWriter(temporary.dataDir, { limitBytes: 2 ** 24 });
    log = await EmbeddedLog.open({ writer, groups: SINKS, logger: silent });
    objects = new DirectoryStore({ directory: path.join(temporary.dataDir, "lake"), variable: "DATA_DIR" });
  });
  after(async () => {
    await log.close();
    await writer.close();
    await sql.close();
    await server.stop();
    await temporary.end();
  });

  /** Each as a process that stops afterwards. @param games what its build knows */
  async function runSinks(games: EventCatalogue): Promise<void> {
    const store = new RejectedStore(temporary.dataDir);
    const common = { catalogue: games, now: () => NOON_MS, warn: () => {}, retentionDays: null };
    const rejects = (sink: string) => createRejects(store, sink, () => {});
    const sinks = [
      lakeSink({ log, objects, rejects: rejects("lake"), ...common }),
      warehouseSink({ sql, rejects: rejects("warehouse"), moveTicks: 20, ...common }),
    ];
    for (const { name, topics, handler } of sinks) await readToEnd(log, name, topics, handler);
    await store.close();
  }
  async function redrive(): Promise<string> {
    let output = "";
    const out = (text: string) => void (output += text);
    await redriveCommand(["--reason", "unknown-game"], { log: new RejectedLog(temporary.dataDir), sql }, { out });
    return output;
  }
  const differences = async () => {
    const deps = { objects, catalogue, warehouse: sql, log: null, committed: null, retentionDays: null };
    return (await audit({ ...deps, now: () => NOON_MS + 3_600_000 }, { sinceMs: NOON_MS })).differences;
  };
  const move = () => moveRecords(temporary.dataDir, writer, new Set(), Date.now);

  it("sends nothing if nothing was rejected", async () => {
    assert.equal(await redrive(), "0 messages with reason unknown-game were sent again\n");
  });

  it("stores each message once that an older build has rejected, after the next upgrade", async () => {
    await log.publish(messages.slice(0, REJECTED));
    await runSinks(new EventCatalogue([{ ...arena, name: "another" }]));
    await log.publish(messages.slice(REJECTED));
    await runSinks(catalogue);
    assert.ok((await differences()).length > 0);
    assert.equal(await redrive(), `${2 * REJECTED} messages with reason unknown-game were sent again\n`);
    await move();
    await runSinks(catalogue);
    assert.deepEqual(await differences(), []);
  });

  it("sends nothing twice, and a repeat has no effect", async () => {
    assert.equal(await redrive(), "0 messages with reason unknown-game were sent again\n");
    await sql.query("DELETE FROM redrive.sink_offsets");
    assert.equal(await redrive(), `${2 * REJECTED} messages with reason unknown-game were sent again\n`);
    await move();
    await runSinks(catalogue);
    assert.deepEqual(await differences(), []);
  });
});
