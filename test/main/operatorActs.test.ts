/** What operators do, through the whole program: from the request to the files of the lake. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { DirectoryStore } from "../../src/platform/objectStore/DirectoryStore.ts";
import { OPERATOR, Program } from "../chaos/Program.ts";
import { filesIn } from "../pipeline/sinks/lakeUnderTest.ts";

const WITHIN_MS = 240_000;

describe("acts of operators", function () {
  this.timeout(900_000);
  const dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-acts-"));
  const lake = new DirectoryStore({ directory: path.join(dataDir, "lake"), variable: "DATA_DIR" });
  let program: Program | null = null;
  after(async () => {
    await program?.kill();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const stored = async () => (await filesIn(lake, "logs_admin")).flatMap(({ messages }) => messages);

  it("are in the lake as logs_admin, each once, with who did what to whom and why", async () => {
    program = await Program.start({ dataDir, env: { ...OPERATOR, LOG_LEVEL: "warn", LAKE_FLUSH_SECONDS: "1" } });
    // Until the database has its tables, nothing can be recorded.
    await program.untilHealthy(WITHIN_MS);
    const { url } = program;
    const player = randomUUID();
    const ask = async (method: string, route: string, body: object) => {
      const headers = {
        authorization: `Basic ${btoa(`${OPERATOR.ADMIN_USER}:${OPERATOR.ADMIN_PASSWORD}`)}`,
        "content-type": "application/json",
      };
      const answer = await fetch(`${url}/admin/${route}`, { method, headers, body: JSON.stringify(body) });
      assert.ok(answer.ok, `${route}: ${answer.status}`);
    };
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await ask("POST", `players/${player}/kick`, { reason: "insults" });
    await ask("PUT", `players/${player}/ban`, { until, reason: "cheats" });
    await ask("DELETE", `players/${player}/ban`, { reason: "appeal" });
    while ((await stored()).length < 3) await delay(200);
    await ask("POST", "drain", { reason: "update" });
    assert.equal(await program.ended, 0);
    await program.start();
    while ((await stored()).length < 4) await delay(200);

    const messages = await stored();
    const common = { v: 1, operator: OPERATOR.ADMIN_USER, role: "administer", room: null };
    const ofPlayer = { ...common, player, detail: null };
    assert.deepEqual(
      messages.map(({ value }) => ({ ...JSON.parse(String(value)), at: undefined })),
      [
        { ...ofPlayer, act: "kick", reason: "insults" },
        { ...ofPlayer, act: "ban", detail: until, reason: "cheats" },
        { ...ofPlayer, act: "unban", reason: "appeal" },
        { ...common, player: null, act: "drain", detail: `${hostname()}:${program.port}`, reason: "update" },
      ].map((act) => ({ ...act, at: undefined })),
    );
    assert.equal(new Set(messages.map(({ headers }) => headers.id)).size, 4);
  });
});
