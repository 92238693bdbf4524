import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { OsLock } from "../../../src/platform/locks/OsLock.ts";

describe("OsLock", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "hypogeum-lock-"));
    file = path.join(folder, "lock");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("has one holder at a time", () => {
    assert.equal(OsLock.isHeld(file), false);
    const lock = OsLock.tryAcquire(file);
    assert.ok(lock !== null);
    assert.equal(OsLock.isHeld(file), true);
    assert.equal(OsLock.tryAcquire(file, 0), null);
    lock.release();
    assert.equal(OsLock.isHeld(file), false);
  });

  it("is released when its process is killed", () => {
    const module = path.resolve(import.meta.dirname, "../../../src/platform/locks/OsLock.ts");
    const script = `
      const { OsLock } = await import(${JSON.stringify(module)});
      globalThis.lock = OsLock.tryAcquire(${JSON.stringify(file)});
      console.log(OsLock.isHeld(${JSON.stringify(file)}));
      process.kill(process.pid, "SIGKILL");
    `;
    const { signal, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    assert.deepEqual([signal, stdout.trim()], ["SIGKILL", "true"]);
    const lock = OsLock.tryAcquire(file);
    assert.ok(lock !== null);
    lock.release();
  });
});
