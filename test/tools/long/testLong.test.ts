/** `npm run test:long`, without running the tests that it names. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { longTests } from "../../../tools/long/longTests.ts";

const root = path.resolve(import.meta.dirname, "../../..");

function testLong(...args: string[]): { code: number | null; out: string; err: string } {
  const script = path.join(root, "tools/long/testLong.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
  return { code: status, out: stdout, err: stderr };
}

describe("npm run test:long", () => {
  it("lists each test with what it does", () => {
    const { code, out } = testLong("--help");
    assert.equal(code, 0);
    const lines = out.split("\n").map((line) => line.trim().replace(/ {2,}/g, "  "));
    for (const [name, { about }] of Object.entries(longTests)) assert.ok(lines.includes(`${name}  ${about}`), name);
  });

  it("refuses an unknown name, and lists those that it knows", () => {
    const { code, out, err } = testLong("nothing");
    const names = Object.keys(longTests).join(", ");
    assert.deepEqual([code, out], [2, ""]);
    assert.ok(
      err.startsWith(`invalid test "nothing": expected one of ${names}; usage: npm run test:long -- [NAME…]`),
      err,
    );
  });

  it("finds the files of each test, and each takes its size from atFullSize", () => {
    for (const file of Object.values(longTests).flatMap(({ files }) => files)) {
      assert.ok(existsSync(path.join(root, file)), file);
      assert.match(readFileSync(path.join(root, file), "utf8"), /atFullSize\(/, file);
    }
  });
});
