import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { measureGrowth } from "../../loadtest/growth.ts";
import type { Second } from "../../loadtest/summary.ts";

const command = path.resolve(import.meta.dirname, "../../loadtest/soak.ts");
/** The default of about half a minute shows only that the command works. Set `SOAK_MINUTES` for a real soak. */
const minutes = Number(process.env.SOAK_MINUTES ?? 0.6);

/** A run of `count` seconds. `at` returns the server's values in a second. */
function secondsOf(
  count: number,
  at: (second: number) => { heapBytes: number; handles: number; files: number },
): Second[] {
  const server = (second: number) => ({ source: "s", rssBytes: null, ...at(second) });
  return Array.from({ length: count }, (_, second) => ({ at: second, servers: [server(second)] }) as unknown as Second);
}

const growing = (seconds: readonly Second[]): string[] =>
  measureGrowth(seconds)
    .filter(({ grows }) => grows)
    .map(({ name }) => name);

describe("a soak", () => {
  const steady = { heapBytes: 100e6, handles: 400, files: 420 };

  it("ignores garbage collection and growth during the warm-up", () => {
    const seconds = secondsOf(3600, (second) => ({
      heapBytes: 80e6 + (second % 40) * 2e6 + Math.min(second, 600) * 1e5,
      handles: Math.min(second, 400) + (second % 7),
      files: 420,
    }));
    assert.deepEqual(growing(seconds), []);
  });

  it("finds a heap whose floor rises, and handles and files that are not closed", () => {
    const leaks = [
      ["heap bytes", (second: number) => ({ ...steady, heapBytes: 100e6 + (second % 30) * 3e6 + second * 2e4 })],
      ["handles", (second: number) => ({ ...steady, handles: 400 + Math.floor(second / 60) })],
      ["open files", (second: number) => ({ ...steady, files: 420 + Math.floor(second / 60) })],
    ] as const;
    for (const [name, at] of leaks) assert.deepEqual(growing(secondsOf(3600, at)), [name]);
  });

  it(`of ${minutes} minutes finds no growth in the program, and writes a report`, async () => {
    const directory = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
    const html = path.join(directory, "soak.html");
    const child = spawn(process.execPath, [command, "--minutes", String(minutes), "--bots", "32", "--html", html]);
    let out = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (bytes) => {
        out += bytes;
      });
    }
    const code = await new Promise((resolve) => child.on("close", resolve));
    try {
      assert.equal(code, 0, out);
      for (const name of ["heap bytes", "resident bytes", "handles", "open files"])
        assert.match(out, new RegExp(`steady {2}${name} of `));
      assert.match(readFileSync(html, "utf8"), /Handles and files/);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }).timeout(minutes * 60_000 + 60_000);
});
