/** A disk that is really full: a small file system in the child's own mount namespace, which disappears with the child. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { Temporary } from "./temporary.ts";

describe("an outbox on a full disk", () => {
  let temporary: Temporary;
  beforeEach(() => {
    temporary = new Temporary();
  });
  afterEach(() => temporary.end());

  it("refuses matches, keeps new records, and loses nothing once draining has freed space", async () => {
    const asRoot = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
    const script = 'mount -t tmpfs -o size=2m none "$1" && exec "$2" "$3" "$1"';
    const child = join(import.meta.dirname, "fillDisk.ts");
    const { stdout } = await promisify(execFile)(
      "unshare",
      [...asRoot, "--mount", "sh", "-c", script, "sh", temporary.dataDir, process.execPath, child],
      { timeout: 15_000 },
    );
    const report = JSON.parse(stdout);
    assert.equal(report.modes[0], "failed");
    assert.match(report.refusal, /the disk is full \(ENOSPC\)/);
    assert(report.committedWhenFull > 0 && report.committedWhenFull < 300);
    assert.deepEqual(report.drained, [...Array(300).keys()]);
    assert.equal(report.lost, 0);
  });
});
