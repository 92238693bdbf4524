/** What an operator sees of a process without its services, on its port and on HEALTH_PORT. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { openWriter } from "../../../src/pipeline/outbox/openOutbox.ts";
import { findFreePort } from "../../../tools/services/ports.ts";
import { OPERATOR, Program } from "../../chaos/Program.ts";
import { sendRaw } from "../rawRequest.ts";
import { metricsOf } from "./metricsOf.ts";

/** No broker listens there. */
const KAFKA_BROKERS = "127.0.0.1:1";
const WITHIN_MS = 240_000;

async function refusesMalformed(port: number): Promise<void> {
  const malformed = [
    ["GET /healthz", "host: ["],
    ["GET http://x/healthz", "host: x"],
    ["GET *", "host: x"],
  ];
  for (const [line, host] of malformed) assert.match(await sendRaw(port, line, [host]), /^HTTP\/1\.1 400 /, line);
}

describe("the health of a program", function () {
  this.timeout(900_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-health-"));
  const programs: Program[] = [];
  const common = { ...OPERATOR, LOG_LEVEL: "fatal" };
  afterEach(() => Promise.all(programs.splice(0).map((program) => program.kill())));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Starts it without waiting until it is ready. */
  async function spawn(name: string, env: Record<string, string>): Promise<Program> {
    const program = await Program.make({ dataDir: path.join(folder, name), env: { ...common, ...env } });
    programs.push(program);
    void program.spawn();
    return program;
  }

  async function start(name: string, env: Record<string, string>): Promise<Program> {
    const program = await Program.start({ dataDir: path.join(folder, name), env: { ...common, ...env } });
    programs.push(program);
    return program;
  }

  for (const role of ["relay", "sinks"]) {
    it(`prints its address only when /readyz is 200, in a process with the role ${role}, and says what it waits for`, async () => {
      const program = await spawn(`early-${role}`, { KAFKA_BROKERS, ROLES: role, LOG_LEVEL: "warn" });
      while ((await program.readiness()) === null) await delay(20);
      for (const line = /not ready yet, because \/readyz reports: .*KAFKA_BROKERS: no broker answers/; ; ) {
        assert.equal((await fetch(`${program.url}/readyz`)).status, 503);
        assert.doesNotMatch(program.output, /is ready/);
        if (line.test(program.output)) break;
        await delay(100);
      }
      await refusesMalformed(program.port);
      program.signal("SIGTERM");
      assert.equal(await program.ended, 0);
      assert.doesNotMatch(program.output, /is ready/);
    });
  }

  it("shows the size and age of all outboxes of the host in a relay, which is not ready without Kafka", async () => {
    const dataDir = path.join(folder, "relay");
    for (let n = 0; n < 2; n++) {
      const writer = await openWriter(dataDir, { limitBytes: 2 ** 30 });
      for (let record = 0; record < 100; record++) writer.append(Buffer.alloc(1000, 1), 1000);
      await writer.whenCommitted();
      if (n === 1) await writer.close();
    }
    const relay = await spawn("relay", { KAFKA_BROKERS, ROLES: "relay" });
    while ((await relay.readiness()) === null) await delay(20);
    for (;;) {
      const { values, types } = await metricsOf(relay.url);
      assert.equal(types.get("hypogeum_relay_acknowledged_total"), "counter");
      assert.equal(values.get("hypogeum_outbox_commit_lag_seconds"), undefined, "a relay commits no records");
      if (values.get("hypogeum_outbox_bytes")! > 200_000 && values.get("hypogeum_outbox_oldest_seconds")! > 0) break;
      await delay(100);
    }
    await relay.untilReported(/^KAFKA_BROKERS: no broker answers/, WITHIN_MS);
    const { ready, problems, warnings } = (await relay.readiness())!;
    assert.deepEqual([ready, warnings], [false, []]);
    assert.match(problems[0], /^KAFKA_BROKERS: no broker answers at 127\.0\.0\.1:1/);
  });

  it("is ready without Kafka while players can join, with a warning, and counts with counters", async () => {
    const program = await start("all", { KAFKA_BROKERS });
    await program.untilReported(/^KAFKA_BROKERS: /, WITHIN_MS);
    const { warnings } = await program.untilReady(/KAFKA/);
    assert.match(warnings.join("\n"), /^KAFKA_BROKERS: /m);
    const { types } = await metricsOf(program.url);
    const totals = [...types].filter(([name]) => /^hypogeum_.*_total$/.test(name));
    assert(totals.length >= 7);
    for (const [name, type] of totals) assert.equal(type, "counter", name);
  });

  it("serves health on HEALTH_PORT too, and nothing else there", async () => {
    const port = await findFreePort([]);
    const program = await start("port", { HEALTH_PORT: String(port) });
    for (const url of [program.url, `http://127.0.0.1:${port}`]) {
      for (const route of ["/healthz", "/readyz", "/metrics"]) assert((await fetch(url + route)).ok, url + route);
    }
    for (const route of ["/api/v1/seasons", "/api/v1/live", "/", "/matchmake/joinOrCreate/arena"])
      assert.equal((await fetch(`http://127.0.0.1:${port}${route}`)).status, 404, route);
    await refusesMalformed(port);
    const second = await Program.make({ dataDir: path.join(folder, "second"), env: { HEALTH_PORT: String(port) } });
    assert.equal(await second.spawn(), 1);
    assert.match(
      second.output,
      /^HEALTH_PORT: \d+ is already in use on 127\.0\.0\.1; choose another with --health-port\n$/,
    );
  });

  it("listens for health on HEALTH_HOST, and for players on HOST", async () => {
    const port = await findFreePort([]);
    const program = await start("host", { HEALTH_HOST: "127.0.0.2", HEALTH_PORT: String(port) });
    assert((await fetch(`http://127.0.0.2:${port}/metrics`)).ok);
    await assert.rejects(fetch(`http://127.0.0.1:${port}/metrics`));
    await assert.rejects(fetch(`http://127.0.0.2:${program.port}/metrics`));
    for (const [HEALTH_HOST, line] of [
      ["127.0.0.2", /^HEALTH_PORT: \d+ is already in use on 127\.0\.0\.2; choose another with --health-port\n$/],
      ["192.0.2.1", /^HEALTH_HOST: cannot listen on "192\.0\.2\.1" \(EADDRNOTAVAIL\): .* --health-host\n$/],
      [
        "no.such.host.invalid",
        /^HEALTH_HOST: cannot find the address of "no\.such\.host\.invalid" .* --health-host\n$/,
      ],
    ] as const) {
      const env = { HEALTH_HOST, HEALTH_PORT: String(port), LOG_LEVEL: "fatal" };
      const other = await Program.make({ dataDir: path.join(folder, "other"), env });
      assert.equal(await other.spawn(), 1);
      assert.match(other.output, line);
    }
  });

  it("reports a lake that stores nothing, until a file is stored, and counts as lag what is not stored", async () => {
    const program = await start("lake", { LAKE_FLUSH_SECONDS: "1" });
    // Files are written here before they get their names. So none can be stored, although the lake can be read.
    const incoming = path.join(folder, "lake", "lake", ".incoming");
    while (!existsSync(incoming)) await delay(100);
    await program.untilHealthy(WITHIN_MS);
    renameSync(incoming, `${incoming}-before`);
    writeFileSync(incoming, "");
    await program.untilReported(/^sink lake: DATA_DIR: /, WITHIN_MS);
    for (let check = 0; check < 50; check++) {
      const { problems, warnings } = (await program.readiness())!;
      assert.match(warnings.join("\n"), /^sink lake: DATA_DIR: the directory .* cannot be used: /m);
      assert.doesNotMatch(problems.join("\n"), /lake/);
      await delay(100);
    }
    const { values, types } = await metricsOf(program.url);
    assert(values.get('hypogeum_sink_lag_seconds{sink="lake"}')! > 5);
    assert(values.get('hypogeum_sink_put_failures_total{sink="lake"}')! > 0);
    assert.equal(types.get("hypogeum_sink_put_failures_total"), "counter");
    rmSync(incoming);
    renameSync(`${incoming}-before`, incoming);
    await program.untilHealthy(WITHIN_MS);
  });
});
