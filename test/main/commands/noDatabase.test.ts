/** A command that is given the wrong data directory says so, and creates nothing in it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const command = path.resolve(import.meta.dirname, "../../../src/main/commands/command.ts");
const LINE =
  /^DATABASE_URL is not set, and DATA_DIR has no embedded database: set DATABASE_URL to use PostgreSQL, or correct DATA_DIR \(--data-dir\)[^\n]*\n$/;

describe("a command in a directory without a database", function () {
  this.timeout(240_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  const empty = path.join(folder, "empty");
  const missing = path.join(folder, "missing");
  mkdirSync(empty);
  after(() => rmSync(folder, { recursive: true, force: true }));

  function run(args: readonly string[]): Promise<{ code: unknown; out: string; err: string }> {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, REDIS_URL: "redis://127.0.0.1:1" };
    return new Promise((resolve) => {
      execFile(process.execPath, [command, ...args], { env }, (error, out, err) =>
        resolve({ code: error?.code ?? 0, out, err }),
      );
    });
  }

  for (const args of [
    ["players:lost"],
    ["rebuild", "results", "--from", "lake", "--yes"],
    ["rebuild", "warehouse", "--from", "lake", "--only-missing"],
    ["retention"],
    ["retention", "--force"],
    ["ranking:rebuild"],
    ["migrate"],
  ])
    it(`${args.join(" ")} ends with 2 and creates nothing`, async () => {
      for (const directory of [empty, missing]) {
        const { code, out, err } = await run([...args, "--data-dir", directory]);
        assert.deepEqual([code, out], [2, ""], err);
        assert.match(err, LINE);
      }
      assert.deepEqual(readdirSync(empty), []);
      assert.equal(existsSync(missing), false);
    });

  it("audit ends with 3, because there is nothing to check, and creates nothing", async () => {
    const { code, out, err } = await run(["audit", "--since", "2026-01-01", "--data-dir", missing]);
    assert.deepEqual([code, err], [3, ""], out);
    assert.match(out.replace("nothing found to check: ", ""), LINE);
    assert.equal(existsSync(missing), false);
  });
});
