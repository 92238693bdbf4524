import assert from "node:assert/strict";
import { demandOf, MEASURED, Measures } from "../../bench/figures/demand.ts";
import { fillIn } from "../../bench/figures/fillIn.ts";
import prices from "../../bench/figures/prices.json" with { type: "json" };
import { Results } from "../../bench/figures/Results.ts";

type TableRow = readonly [bench: string, name: string, figure: string, peerFigure: string];

function resultsOf(lines: readonly TableRow[]): Results {
  const sections = Map.groupBy(lines, ([bench]) => bench);
  const text = [...sections].map(([bench, rows]) => {
    const table = rows.map(([, name, figure, peerFigure]) => `| ${name} | ${figure} | a floor | ${peerFigure} | 2 | |`);
    return `## ${bench}\n\n2026-02-03 04:05 UTC; a machine. Repeat with \`it\`.\n\n| what | figure |\n| --- | --- |\n${table.join("\n")}\n`;
  });
  return new Results(`# Results\n\n${text.join("\n")}`);
}

/** Measures in which every quantity is 1, except those given. */
function measuresWith(figures: Partial<Record<keyof typeof MEASURED, number>>): Measures {
  const lines = Object.entries(MEASURED).map(([quantity, [bench, name]]): TableRow => {
    const figure = `${(figures[quantity as keyof typeof MEASURED] ?? 1).toLocaleString("en-US")} x`;
    return [bench, name, figure, figure];
  });
  return new Measures(resultsOf(lines), assert.fail);
}

describe("a figure in a document", () => {
  const results = resultsOf([["room", "lateness / p99", "1,234 ms", "5 ms"]]);

  it("is the figure of the row, the figure of the row's peer, or their ratio, with a unit if the old text had one", () => {
    const filled = (mark: string, old: string) => fillIn(`<!-- bench: ${mark} -->${old}<!-- /bench -->`, results);
    assert.match(filled("room / lateness / p99", "9"), />1,234</);
    assert.match(filled("room / lateness / p99", "9 ms"), />1,234 ms</);
    assert.match(filled("room / lateness / p99 / beside", "9 ms"), />5 ms</);
    assert.match(filled("room / lateness / p99 / ratio", "9"), />2</);
  });

  it("is replaced by a note if there is no such row, and the row is reported", () => {
    const missing: string[] = [];
    const text = fillIn("It is <!-- bench: room / speed -->9<!-- /bench -->.", results, (what) => missing.push(what));
    assert.equal(text, "It is <!-- bench: room / speed -->not measured yet<!-- /bench -->.");
    assert.deepEqual(missing, ["room / speed"]);
  });

  it("stays the same when it is written again", () => {
    for (const mark of [": room / lateness / p99", " table: room", " table: other", " capacity"]) {
      const once = fillIn(`a <!-- bench${mark} -->1 ms<!-- /bench --> b`, results);
      assert.equal(fillIn(once, results), once);
    }
  });
});

describe("the needs of a number of players", () => {
  it("include processes for the share of a core that is used", () => {
    const { gameProcesses, backCores } = demandOf(1000, measuresWith({ cpuUs: 1200, backShare: 0.5 }));
    assert.deepEqual({ gameProcesses, backCores }, { gameProcesses: 2, backCores: 1 });
  });

  it("include bytes and rows for every hour of the day", () => {
    const demand = demandOf(1000, measuresWith({ kafkaMB: 2, warehouseRows: 10, lakeMB: 3 }));
    assert.equal(demand.kafkaGBADay, 48);
    assert.equal(demand.warehouseRowsADay, 240_000);
    assert.equal(demand.lakeGBADay, 72);
  });

  it("include Redis commands for every seat and for every process", () => {
    const measures = measuresWith({ cpuUs: 600, redisQueue: 100, redisProcess: 7, matchSeconds: 50 });
    assert.equal(demandOf(1000, measures).redisQueue, 2000 + 7);
  });

  it("include brokers for the throughput of their disks, and at least three", () => {
    assert.equal(demandOf(1000, measuresWith({ kafkaMB: 1 })).brokers, 3);
    const brokers = Math.ceil((1_000_000 * 3 * 3.6) / 3600 / (prices.disk.includedMBs * 0.6));
    assert.equal(demandOf(1_000_000, measuresWith({ kafkaMB: 3.6 })).brokers, brokers);
  });

  it("price traffic by each tier that it reaches", () => {
    const megabytes = 20_000 / 720;
    const { money } = demandOf(1000, measuresWith({ sentMB: megabytes }));
    const [first, second] = prices.traffic.tiers;
    const dollars = first.upToGB! * first.perGB + (20_000 - first.upToGB!) * second.perGB;
    assert.ok(Math.abs(money.traffic! - dollars) < dollars / 100);
  });

  it("are null if a row is missing, and so is the total", () => {
    const missing = new Set<string>();
    const measures = new Measures(resultsOf([["load", "CPU per player", "600 µs/s", "1 µs/s"]]), (what) => {
      missing.add(what);
    });
    const demand = demandOf(1000, measures);
    assert.equal(demand.gameProcesses, 1);
    assert.equal(demand.kafkaGBADay, null);
    assert.equal(demand.money.total, null);
    assert.ok(missing.has("footprint / Kafka bytes a player-hour"));
  });
});
