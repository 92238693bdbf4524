import assert from "node:assert/strict";
import { clearTables } from "../../../src/pipeline/rebuild/clearTables.ts";
import { rebuildCommand } from "../../../src/pipeline/rebuild/rebuildCommand.ts";
import { liveSink } from "../../../src/pipeline/sinks/live/LiveSink.ts";
import { RingFeed } from "../../../src/pipeline/sinks/live/RingFeed.ts";
import { UsageError } from "../../../src/platform/commandLine/CommandUsage.ts";
import { Stores } from "../audit/Stores.ts";
import { wholeMatch } from "../audit/wholeMatch.ts";
import { catalogue } from "../sinks/lakeUnderTest.ts";
import { NOON_MS } from "../sinks/matches.ts";
import { MemoryRejects, readContents, warehouse } from "../sinks/warehouseUnderTest.ts";

const first = wholeMatch({ number: 1, mode: "duel" });
const second = wholeMatch({ number: 2, mode: "ffa" }, { logs_move: 12 });
const [_firstId, _secondId] = [first[0].matchId, second[0].matchId];

describe("rebuilding from the lake", function () {
  this.timeout(240_000);
  const stores = new Stores();
  const sink = (topics: readonly string[]) => ({ name: "warehouse", topics, handler: warehouse(stores.sql) });
  const run = async (...args: string[]) => {
    let text = "";
    const write = (more: string) => void (text += more);
    const rebuildable = {
      sink: sink([...catalogue.facts.keys(), "logs_match", "logs_queue"]),
      clears: "all tables of the schema dw",
      clear: () => clearTables(stores.sql, "dw"),
    };
    const code = await rebuildCommand(
      args,
      { sinks: [rebuildable], objects: stores.objects, catalogue, log: null },
      { out: write, err: write },
    );
    return { code, text };
  };

  it("rebuilds the same warehouse, which continues at the end of the log", async () => {
    stores.publish(first);
    stores.publish(second);
    await stores.deliverEverywhere();
    const before = await readContents(stores.sql);
    await stores.sql.query("DELETE FROM dw.fact_attack");
    const { code, text } = await run("warehouse", "--from", "lake", "--yes");
    assert.equal(code, 0, text);
    assert.deepEqual(await readContents(stores.sql), before);
    for (const log of stores.logs.values()) assert.equal(await log.assign(warehouse(stores.sql)), BigInt(log.end));
  });

  it("says what it would delete, and does nothing without --yes", async () => {
    stores.publish(first);
    await stores.deliverEverywhere();
    const before = await readContents(stores.sql);
    const asked = await run("warehouse", "--from", "lake");
    assert.equal(asked.code, 2);
    assert.match(asked.text, /^This deletes all tables of the schema dw,/);
    for (const args of [
      ["results", "--from", "lake"],
      ["warehouse", "--from", "tape"],
    ])
      await assert.rejects(run(...args), UsageError);
    assert.equal((await run("warehouse", "--from", "kafka", "--yes")).code, 2);
    assert.deepEqual(await readContents(stores.sql), before);
  });

  it("deletes nothing if the lake is empty, as it is in another namespace", async () => {
    stores.publish(first);
    await stores.deliverToWarehouse();
    const before = await readContents(stores.sql);
    const refused = await run("warehouse", "--from", "lake", "--yes");
    assert.equal(refused.code, 3);
    assert.match(refused.text, /the lake has no file to rebuild from, so nothing was deleted: check NAMESPACE/);
    assert.deepEqual(await readContents(stores.sql), before);
  });

  it("sets the live feed's cursor to the end of the log", async () => {
    stores.publish(first);
    await stores.deliverToLake();
    const feed = new RingFeed({ now: () => NOON_MS });
    const live = () => liveSink({ feed, catalogue, rejects: new MemoryRejects(), now: () => NOON_MS });
    const rebuildable = { sink: live(), clears: "the feed", clear: () => feed.clear() };
    const silent = { out() {}, err() {} };
    await rebuildCommand(
      ["live", "--from", "lake", "--yes"],
      { sinks: [rebuildable], objects: stores.objects, catalogue, log: null },
      silent,
    );
    assert.equal(await stores.logOf("logs_match").assign(live().handler), BigInt(stores.logOf("logs_match").end));
  });
});
