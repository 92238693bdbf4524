/** Runs the maintenance commands and the SDK example of the README on an embedded program. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

describe("the README's commands", () => {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  let server: ChildProcess;
  let address = "";

  function run(file: string, args: readonly string[], change: Record<string, string> = {}): Promise<Outcome> {
    const env = { ...process.env, DATA_DIR: dataDir, LOG_LEVEL: "warn", ...change };
    const child = spawn(file, args, { cwd: root, env });
    let out = "";
    let err = "";
    child.stdout.on("data", (bytes) => (out += bytes));
    child.stderr.on("data", (bytes) => (err += bytes));
    return new Promise((resolve) => child.on("close", (code) => resolve({ code: code ?? -1, out, err })));
  }

  const npmRun = (...words: string[]) => run("npm", ["run", "--silent", ...words]);

  before(async function () {
    this.timeout(240_000);
    server = spawn(
      process.execPath,
      ["src/main/start.ts", "--port", "0", "--host", "127.0.0.1", "--data-dir", dataDir, "--lake-flush-seconds", "1"],
      { cwd: root, stdio: ["ignore", "pipe", "inherit"] },
    );
    let text = "";
    for await (const bytes of server.stdout!.iterator({ destroyOnReturn: false })) {
      text += bytes;
      address = /Open (http:\S+?)\/?\s/.exec(text)?.[1].replace("localhost", "127.0.0.1") ?? "";
      if (address !== "") break;
    }
    server.stdout!.resume();
    assert.notEqual(address, "", text);
  });

  after(async () => {
    const exit = once(server, "exit");
    server.kill("SIGTERM");
    await exit;
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("the SDK example plays a duel to its end", async function () {
    this.timeout(240_000);
    const { code, out, err } = await run(process.execPath, ["examples/client.ts", address]);
    assert.equal(code, 0, err);
    assert.match(out, /left with code 4000, \d+ ticks played/);
  });

  it("audit verifies the match just played, while the program runs", async function () {
    this.timeout(240_000);
    // The lake's files are closed once a second, and the sinks are a moment behind the match.
    for (const deadlineMs = Date.now() + 60_000; ; ) {
      const { code, out, err } = await npmRun("audit", "--", "--since", "2026-01-01");
      if (code === 0 && /^1 match/m.test(out)) break;
      assert.ok(Date.now() < deadlineMs, `${out}\n${err}`);
    }
  });

  it("audit ends with 3 if it finds nothing to check: in another namespace, after a date in the future", async function () {
    this.timeout(240_000);
    const audit = ["src/main/commands/command.ts", "audit", "--since"];
    const elsewhere = await run(process.execPath, [...audit, "2026-01-01"], { NAMESPACE: "another" });
    assert.equal(elsewhere.code, 3, elsewhere.out);
    assert.match(elsewhere.out, /nothing found to check: the lake has no file.*check NAMESPACE/);
    const future = await run(process.execPath, [...audit, "2099-01-01"]);
    assert.equal(future.code, 3, future.out);
    assert.match(future.out, /nothing found to check: 2099-01-01.* is in the future/);
  });

  it("audit ends with 2 for a wrong call and for an invalid setting", async function () {
    this.timeout(240_000);
    const command = ["src/main/commands/command.ts", "audit"];
    assert.equal((await run(process.execPath, [...command, "--sinze", "2026-01-01"])).code, 2);
    assert.equal((await run(process.execPath, [...command, "--since", "2026-01-01"], { TICK_RATE: "21" })).code, 2);
  });

  it("rebuild lists what it would delete, and rebuilds the warehouse with --yes", async function () {
    this.timeout(240_000);
    const asked = await npmRun("rebuild", "--", "warehouse", "--from", "lake");
    assert.equal(asked.code, 2);
    assert.match(asked.err, /Repeat with --yes/);
    const done = await npmRun("rebuild", "--", "warehouse", "--from", "lake", "--yes");
    assert.equal(done.code, 0, done.err);
    assert.match(done.out, /warehouse was rebuilt from lake/);
  });

  it("retention shows what it deletes next, deletes with --force, and ends with 2 for a wrong call", async function () {
    this.timeout(240_000);
    const command = ["src/main/commands/command.ts", "retention"];
    const shown = await run(process.execPath, command);
    assert.deepEqual([shown.code, shown.err], [0, ""]);
    assert.match(shown.out, /^sink lake: nothing to delete; days from \d{4}-\d\d-\d\d on are kept\n/);
    const forced = await npmRun("retention", "--", "--force");
    assert.equal(forced.code, 0, forced.err);
    assert.equal(
      forced.out.match(/^sink (lake|warehouse): nothing to delete; days from \S+ on are kept$/gm)?.length,
      2,
    );
    assert.equal((await run(process.execPath, [...command, "--yes"])).code, 2);
    const operational = { RETENTION_DAYS: "0", MATCH_RETENTION_DAYS: "30", GUEST_RETENTION_DAYS: "60" };
    const { out } = await run(process.execPath, [...command, "--force"], operational);
    assert.match(out, /^sink results \(events\): nothing to delete; days from \S+ on are kept\n/);
    assert.match(out, /^sink results \(guests\): nothing to delete; days from \S+ on are kept$/m);
    const all = await run(process.execPath, command, { RETENTION_DAYS: "0" });
    assert.equal(
      all.out,
      "RETENTION_DAYS, MATCH_RETENTION_DAYS and GUEST_RETENTION_DAYS are not set: everything is kept\n",
    );
  });

  it("migrate reports that the database is up to date", async function () {
    this.timeout(240_000);
    const { code, out } = await npmRun("migrate");
    assert.equal(code, 0);
    assert.match(out, /up to date/);
  });

  it("redrive without Kafka says what it reads, and sends nothing if nothing was rejected", async function () {
    this.timeout(240_000);
    const { code, out, err } = await npmRun("redrive", "--", "--reason", "schema");
    assert.deepEqual([code, out], [0, "0 messages with reason schema were sent again\n"]);
    assert.match(err, /KAFKA_BROKERS is not set: reading .* in DATA_DIR\/rejected/);
  });

  it("bench and services print their usage", async function () {
    this.timeout(240_000);
    assert.match((await npmRun("bench", "--", "--help")).out, /^Usage: npm run bench/);
    assert.equal((await npmRun("services", "--", "--help")).code, 0);
  });
});
