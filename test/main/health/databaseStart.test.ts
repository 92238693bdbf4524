/** What a program logs that is started before its database. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Program } from "../../chaos/Program.ts";

/** No PostgreSQL listens there. */
const DATABASE_URL = "postgres://hypogeum:secret@127.0.0.1:1/hypogeum";
const WITHIN_MS = 240_000;

describe("a program whose database does not answer when it starts", function () {
  this.timeout(900_000);
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-health-"));
  let program: Program | null = null;
  after(async () => {
    await program?.kill();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("logs it once, although players, warehouse and results need it", async () => {
    program = await Program.start({ dataDir, env: { DATABASE_URL, LOG_LEVEL: "warn" } });
    for (const sink of ["warehouse", "results"])
      await program.untilReported(new RegExp(`^sink ${sink}: .*DATABASE_URL: .*ECONNREFUSED`), WITHIN_MS);
    const lines = program.output.split("\n").filter((line) => line.includes("ECONNREFUSED"));
    assert.equal(lines.length, 1, program.output);
    assert.match(
      lines[0],
      /"level":40.*"msg":"DATABASE_URL: PostgreSQL is unavailable at 127\.0\.0\.1:1 \(ECONNREFUSED\)"/,
    );
    await program.stop();
  });
});
