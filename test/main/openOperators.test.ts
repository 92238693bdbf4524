/** The operators of a process, from its configuration. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openOperators, openOperatorsFile } from "../../src/main/api/openOperators.ts";
import { Metrics } from "../../src/main/metrics/metrics.ts";
import { ConfigError, readConfig } from "../../src/platform/config/readConfig.ts";
import { Health } from "../../src/platform/health/Health.ts";

describe("the operators of a configuration", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-operators-"));
  after(() => rmSync(folder, { recursive: true }));
  const quiet = { info() {}, warn() {} };

  it("have different names: ADMIN_USER is refused at the start if OPERATORS_FILE has it too", () => {
    const OPERATORS_FILE = path.join(folder, "operators.json");
    const entry = { name: "root", role: "view", tokenHash: `sha256:${"0".repeat(64)}` };
    writeFileSync(OPERATORS_FILE, JSON.stringify({ operators: [entry] }));
    const open = (env: Record<string, string>) =>
      openOperatorsFile(readConfig([], { OPERATORS_FILE, ...env }), new Health(quiet));
    const ADMIN_PASSWORD = "operator-password";
    assert.throws(() => open({ ADMIN_USER: "root", ADMIN_PASSWORD }), ConfigError);
    assert.equal(open({ ADMIN_USER: "op", ADMIN_PASSWORD })?.entries().length, 1);
    assert.equal(open({})?.entries().length, 1);
  });

  it("are warned of an ADMIN_PASSWORD that is shorter than the passwords of npm run operator, without stopping", () => {
    const warned = (ADMIN_PASSWORD: string) => {
      const lines: string[] = [];
      const config = readConfig([], { ADMIN_USER: "op", ADMIN_PASSWORD });
      const log = { warn: (line: string) => void lines.push(line) } as any;
      openOperators({ config, file: null, redis: null, metrics: new Metrics(), health: new Health(quiet), log });
      return lines;
    };
    assert.match(warned("elevenchars").join(), /^ADMIN_PASSWORD has fewer than 12 characters: /);
    assert.deepEqual(warned("twelve-chars"), []);
  });
});
