import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connectEmbedded, openSql } from "../../../src/platform/sql/openSql.ts";

/** Longer than a check of a database may take. */
const BUSY_MS = 2500;

describe("connecting a command to the embedded database of a running program", function () {
  this.timeout(240_000);
  const directory = mkdtempSync(path.join(tmpdir(), "hypogeum-sql-"));
  after(() => rmSync(directory, { recursive: true, force: true }));

  it("waits while the program executes a transaction, and then uses the same database", async () => {
    const program = await openSql({ embedded: directory, limitMs: 120_000 });
    try {
      await program.query("CREATE TABLE kept AS SELECT 7 AS value");
      const busy = Promise.withResolvers<void>();
      const working = program.transaction(async (tx) => {
        await tx.query("SELECT 1");
        await busy.promise;
      });
      const connecting = connectEmbedded(directory, 120_000);
      const early = await Promise.race([connecting.catch((error: Error) => error.message), delay(BUSY_MS)]);
      busy.resolve();
      await working;
      assert.equal(early, undefined);
      const command = await connecting;
      assert.deepEqual((await command.query("SELECT value FROM kept")).rows, [{ value: 7 }]);
      await command.close();
    } finally {
      await program.close();
    }
  });
});
