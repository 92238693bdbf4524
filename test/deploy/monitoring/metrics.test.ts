/** Compares the dashboard, the alerts and the runbook with each other and with the metrics of a real process. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ABOUT } from "../../../src/main/metrics/conditionMetrics.ts";
import { Program } from "../../chaos/Program.ts";
import { metricsOf } from "../../main/health/metricsOf.ts";
import { exampleLabels } from "./exampleMetrics.ts";
import { namedIn, type Panel, RUNBOOK, readDashboard, readRules, readRunbook } from "./files.ts";

/** What Prometheus itself adds to each series, and to each target. */
const TARGET_LABELS = ["job", "instance"];
const OF_PROMETHEUS = ["up"];

const rules = readRules();
const { panels, templating } = readDashboard();
const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
const expressions = [...rules.map(({ expr }) => expr), ...queries];

describe("the dashboard and the alerts", function () {
  this.timeout(900_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-monitoring-"));
  let program: Program;
  let names: ReadonlySet<string>;
  let labels: ReadonlyMap<string, ReadonlySet<string>>;

  before(async () => {
    labels = await exampleLabels();
    // No broker listens there, and a process with a relay has the metrics of a relay.
    program = await Program.start({ dataDir: folder, env: { KAFKA_BROKERS: "127.0.0.1:1", LOG_LEVEL: "fatal" } });
    const { types } = await metricsOf(program.url);
    names = new Set([...types].flatMap(([name, type]) => (type === "histogram" ? seriesOf(name) : [name])));
  });
  after(async () => {
    await program.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it("name only metrics that a process has", () => {
    const unknown = expressions
      .flatMap((expr) => [...namedIn(expr).metrics.keys()])
      .filter((name) => !names.has(name) && !OF_PROMETHEUS.includes(name));
    assert.deepEqual(unknown, []);
  });

  it("name only labels that these metrics have", () => {
    const labelsOf = (metric: string) => [...(labels.get(metric) ?? []), ...TARGET_LABELS];
    for (const expr of expressions) {
      const { metrics, grouping } = namedIn(expr);
      for (const [metric, used] of metrics)
        for (const label of [...used, ...grouping])
          assert(labelsOf(metric).includes(label), `${metric} has no label ${label}: ${expr}`);
    }
  });

  it("find rejected messages counted from 0, so that the first one is an increase", async () => {
    // The thread of the sinks may still be starting.
    let values = new Map<string, number>() as ReadonlyMap<string, number>;
    const rejectedBy = (sink: string) => values.get(`hypogeum_sink_rejected_total{sink="${sink}"}`);
    while (rejectedBy("results") === undefined) {
      ({ values } = await metricsOf(program.url));
      await delay(100);
    }
    assert.deepEqual(["warehouse", "lake", "live", "results"].map(rejectedBy), [0, 0, 0, 0]);
  });

  it("show every metric of the program", () => {
    const shown = new Set(queries.flatMap((expr) => [...namedIn(expr).metrics.keys()]));
    const own = [...names].filter((name) => name.startsWith("hypogeum_"));
    const histograms = new Set(own.filter((name) => name.endsWith("_bucket")).map((name) => name.slice(0, -7)));
    const missing = own.filter((name) => {
      const histogram = name.replace(/_(bucket|sum|count)$/, "");
      return histograms.has(histogram) ? !seriesOf(histogram).some((series) => shown.has(series)) : !shown.has(name);
    });
    assert.deepEqual(missing, []);
  });
});

describe("the alerts", () => {
  it("have a severity, texts and the link to their entry in the runbook", () => {
    for (const { alert, labels, annotations } of rules) {
      assert.match(labels.severity, /^(critical|warning)$/, alert);
      assert(annotations.summary && annotations.description, alert);
      assert.equal(annotations.runbook_url, `${RUNBOOK}#${alert.toLowerCase()}`);
    }
  });

  it("have texts that use only labels of their result", () => {
    for (const { alert, expr, annotations } of rules) {
      const { grouping } = namedIn(expr);
      const result = grouping.size > 0 ? [...grouping] : TARGET_LABELS;
      const used = [
        ...Object.values(annotations)
          .join()
          .matchAll(/\$labels\.(\w+)/g),
      ].map((match) => match[1]);
      for (const label of used) assert(result.includes(label), `${alert}: the result has no label ${label}`);
    }
  });

  it("each have one entry in the runbook, with its four parts, and the runbook has no other", () => {
    const entries = readRunbook().split(/^### /m).slice(1);
    const titles = entries.map((entry) => entry.slice(0, entry.indexOf("\n")));
    assert.deepEqual([...titles].sort(), rules.map(({ alert }) => alert).sort());
    for (const entry of entries)
      for (const part of ["Meaning", "Impact", "Check", "Act"])
        assert.match(entry, new RegExp(`^- \\*\\*${part}\\.\\*\\* `, "m"));
  });
});

describe("the lines of /readyz", () => {
  const namedBy = (exprs: readonly string[]): string[] =>
    exprs.flatMap((expr) => /hypogeum_conditions\{.*\babout=~?"(.+?)"/.exec(expr)?.[1].split("|") ?? []).sort();

  it("are each in one alert and in one panel, by what they are about", () => {
    assert.deepEqual(namedBy(rules.map(({ expr }) => expr)), [...ABOUT].sort());
    assert.deepEqual(namedBy(queries), [...ABOUT].sort());
  });
});

describe("the dashboard", () => {
  it("takes its data source from a variable, in each panel", () => {
    assert.deepEqual(
      templating.list.filter(({ type }) => type === "datasource").map(({ name }) => name),
      ["datasource"],
    );
    for (const { title, type, datasource, targets = [] } of panels) {
      if (type === "row") continue;
      for (const { uid } of [datasource!, ...targets.map((target) => target.datasource)])
        assert.equal(uid, `\${datasource}`, title);
    }
  });

  it("has panels that do not overlap, with different ids", () => {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    for (const [index, panel] of panels.entries())
      for (const other of panels.slice(index + 1)) assert(!overlap(panel, other), `${panel.title}, ${other.title}`);
  });
});

const seriesOf = (histogram: string): string[] => ["_bucket", "_sum", "_count"].map((end) => histogram + end);

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
