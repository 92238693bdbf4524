import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { sqlServers } from "../../platform/sql/servers.ts";
import { randomFrom } from "./matches.ts";
import { feedOfProcess } from "./warehouseProcess.ts";
import { readContents, warehouse } from "./warehouseUnderTest.ts";

const KILLS = 6;

/**
 * Runs the sink's process and kills it `afterMs` after its start. Returns the signal that ended it; null if it ran to its end.
 */
async function runAndKill(url: string, afterMs: number): Promise<string | null> {
  const child = fork(path.join(import.meta.dirname, "warehouseProcess.ts"), [url], { stdio: "inherit" });
  const ended = once(child, "exit") as Promise<[number | null, string | null]>;
  await Promise.race([once(child, "message"), ended]);
  await Promise.race([delay(afterMs), ended]);
  child.kill("SIGKILL");
  const [code, signal] = await ended;
  assert.ok(code === 0 || signal === "SIGKILL", `ended with exit code ${code}`);
  return signal;
}

for (const [name, start] of sqlServers) {
  it(`the warehouse sink on ${name} stores everything exactly once although it is killed again and again`, async function () {
    this.timeout(240_000);
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
    console.log(`      SEED=${seed}`);
    const random = randomFrom(seed);
    const server = await start("warehouse");
    const sql = server.open();
    try {
      await feedOfProcess().deliverAll(warehouse(sql));
      const expected = await readContents(sql);
      await server.wipe();
      for (let kill = 0; kill < KILLS; kill++) await runAndKill(server.url, random() * 400);
      assert.equal(await runAndKill(server.url, 60_000), null);
      assert.deepEqual(await readContents(sql), expected);
    } finally {
      await sql.close();
      await server.stop();
    }
  });
}
