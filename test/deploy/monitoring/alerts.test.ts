/** Checks the alerts with Prometheus's own tool, and fires each of them. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { debianProgram } from "../../../tools/services/native/apt.ts";
import { findProgram } from "../../../tools/services/native/run.ts";
import { type AlertCase, alertCases } from "./alertCases.ts";
import { FOLDER, readRules } from "./files.ts";

/** As `promtool test rules` expects it. JSON is YAML. */
function unitTest({ alert, series, firesAt, quietAt }: AlertCase): object {
  const expr = `count by (alertname) (ALERTS{alertname="${alert}",alertstate="firing"})`;
  const fired = { labels: `{alertname="${alert}"}`, value: 1 };
  return {
    name: alert,
    interval: "1m",
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      { expr, eval_time: `${quietAt}m`, exp_samples: [] },
      ...(firesAt === null ? [] : [{ expr, eval_time: `${firesAt}m`, exp_samples: [fired] }]),
    ],
  };
}

describe("promtool", function () {
  this.timeout(600_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-promtool-"));
  let command = "";

  before("promtool installed", async () => {
    command = await debianProgram("prometheus", () => findProgram("promtool"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Resolves with the output. Fails with the output if promtool does. */
  function promtool(...args: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      execFile(command, args, { cwd: FOLDER }, (error, stdout, stderr) =>
        error === null ? resolve(stdout) : reject(new Error(`promtool ${args.join(" ")} failed:\n${stdout}${stderr}`)),
      );
    });
  }

  it("accepts the alerts and the example configuration", async () => {
    assert.match(
      await promtool("check", "rules", "alerts.yml"),
      new RegExp(`SUCCESS: ${readRules().length} rules found`),
    );
    assert.match(await promtool("check", "config", "prometheus.yml"), /is valid prometheus config/);
  });

  it("fires each alert when its condition holds, and not before", async () => {
    const file = path.join(folder, "alerts.json");
    const tests = alertCases.map(unitTest);
    writeFileSync(
      file,
      JSON.stringify({ rule_files: [path.join(FOLDER, "alerts.yml")], evaluation_interval: "1m", tests }),
    );
    assert.match(await promtool("test", "rules", file), /SUCCESS/);
  });

  it("has a case for each alert in which it fires", () => {
    const fired = new Set(alertCases.filter(({ firesAt }) => firesAt !== null).map(({ alert }) => alert));
    assert.deepEqual(
      [...fired].sort(),
      readRules()
        .map(({ alert }) => alert)
        .sort(),
    );
  });
});
