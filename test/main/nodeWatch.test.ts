/** The program under `node --watch`, which passes its reports about loaded modules through every child's channel. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { Program } from "../chaos/Program.ts";

describe("node --watch", function () {
  this.timeout(120_000);
  const folder = mkdtempSync("/tmp/hypogeum-watch-");
  let program: Program | null = null;
  after(async () => {
    await program?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it("starts the server with its embedded database", async () => {
    program = await Program.start({ dataDir: path.join(folder, "data"), env: {}, nodeArgs: ["--watch"] });
    assert.equal((await fetch(`${program.url}/readyz`)).status, 200);
    assert.doesNotMatch(program.output, /cannot open the database/);
  });
});
