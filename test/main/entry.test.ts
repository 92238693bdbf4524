import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const entry = path.resolve(import.meta.dirname, "../../src/main/hypogeum.cjs");

/** Runs the entry as if on another version of Node. */
function runOn(version: string, ...args: string[]) {
  const preload = `data:text/javascript,Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } })`;
  return spawnSync(process.execPath, ["--import", preload, entry, ...args], { encoding: "utf8" });
}

describe("the program's entry", () => {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  for (const version of ["18.20.4", "20.20.2", "22.17.1", "23.5.0"])
    it(`refuses Node ${version} in one line, which names the Node that runs and the oldest that would do`, () => {
      const { status, stdout, stderr } = runOn(version, "--help");
      assert.deepEqual([status, stdout], [1, ""]);
      assert.match(
        stderr,
        new RegExp(`^Node ${version} \\(${process.execPath}\\) is too old: [^\\n]*Node 22\\.18 [^\\n]*\\n$`),
      );
    });

  for (const version of ["22.18.0", "23.6.0", "24.0.0", "26.1.0"])
    it(`runs on Node ${version}`, () => {
      const { status, stdout } = runOn(version, "--help");
      assert.equal(status, 0);
      assert.match(stdout, /--tick-rate/);
    });

  for (const signal of ["SIGTERM", "SIGINT"])
    it(`ends with 0 on ${signal} while the modules of the server are loaded, and starts nothing`, () => {
      // A hook of `load` would break modules of CommonJS on Node 22.18.
      const preload = `data:text/javascript,import { registerHooks } from "node:module";
        registerHooks({
          resolve(specifier, context, next) {
            if (specifier.endsWith("/start.ts")) process.kill(process.pid, "${signal}");
            return next(specifier, context);
          },
        });`;
      const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", preload, entry], {
        encoding: "utf8",
        env: { ...process.env, DATA_DIR: dataDir },
      });
      assert.deepEqual([status, stdout, stderr], [0, "", ""]);
      assert.equal(existsSync(path.join(dataDir, "sql")), false);
    });

  for (const [command, expected] of [
    ["outbox", /usage: npm run outbox/],
    ["loadtest", /bots/],
  ] as const)
    it(`runs the command ${command}`, () => {
      const { stdout, stderr } = runOn(process.versions.node, command, ...(command === "loadtest" ? ["--help"] : []));
      assert.match(stdout + stderr, expected);
    });
});
