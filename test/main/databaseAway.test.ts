/** What players can do, and what an operator reads, while only the database is unavailable. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "@colyseus/sdk";
import { type Services, startServices } from "../../tools/services/startServices.ts";
import { guest } from "../chaos/Player.ts";
import { OPERATOR, Program } from "../chaos/Program.ts";
import { asAdmin } from "../platform/sql/asAdmin.ts";
import { PgBouncer } from "../platform/sql/PgBouncer.ts";

const WITHIN_MS = 120_000;

describe("a program without its database", function () {
  this.timeout(900_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-away-"));
  let services: Services;
  let bouncer: PgBouncer;
  let program: Program;
  let known: Client;

  before(async () => {
    services = await startServices(["postgres"]);
    bouncer = await PgBouncer.start(services.env.DATABASE_URL, ["pool_mode = transaction"]);
    const env = { ...OPERATOR, DATABASE_URL: bouncer.url };
    program = await Program.start({ dataDir: path.join(folder, "program"), env });
    await program.untilHealthy(WITHIN_MS);
    known = await guest(program.url);
    await playDuel(known);
    assert.equal((await request(known, "GET", "/api/v1/me")).status, 200);
  });
  after(async () => {
    await program.kill();
    await bouncer.stop();
    await services.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Joins a match, and leaves once it is played. */
  async function playDuel(client: Client): Promise<void> {
    const room = await client.create<any>("arena", { mode: "duel" });
    room.onMessage("facts", () => {});
    while (room.state?.phase !== "playing") await delay(50);
    await room.leave();
  }

  async function request(client: Client | null, method: string, route: string, body?: object) {
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (client !== null) headers.authorization = `Bearer ${client.auth.token}`;
    return fetch(program.url + route, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  }

  async function expectUnavailable(answer: Response): Promise<void> {
    const body = (await answer.json()) as { code: string };
    assert.deepEqual([answer.status, body.code], [503, "UNAVAILABLE"]);
    assert.match(answer.headers.get("retry-after") ?? "", /^\d+$/);
  }

  /** New and known guests play; what needs the database says that it is unavailable. */
  async function expectGuestsOnly(): Promise<void> {
    await playDuel(known);
    await playDuel(await guest(program.url));
    const renewed = await request(known, "POST", "/auth/anonymous", {});
    assert.equal(renewed.status, 200);
    const account = { email: "ariadne@example.com", password: "correct horse battery" };
    await expectUnavailable(await request(null, "POST", "/auth/register", account));
    await expectUnavailable(await request(known, "PATCH", "/api/v1/me", { name: "Ada" }));
  }

  const warnings = (): string[] =>
    program.output.split("\n").filter((line) => line.includes('"level":40') && line.includes('"condition":'));

  it("lets guests play while the database is frozen, and answers everything in time", async () => {
    await services.pause("postgres");
    await expectGuestsOnly();
    await program.untilReported(/^DATABASE_URL: .* did not answer within \d+ ms$/, WITHIN_MS);
    assert.equal((await program.readiness())!.ready, true);
    await services.resume("postgres");
    await program.untilHealthy(WITHIN_MS);
  });

  it("lets guests play while the database is read-only, and says once which variable and what to do", async () => {
    await asAdmin(
      services.env.DATABASE_URL,
      ["ALTER SYSTEM SET default_transaction_read_only = on"],
      ["SELECT pg_reload_conf()"],
    );
    const line = await program.untilReported(
      /^DATABASE_URL: \S+ is read-only: use the address of the primary/,
      WITHIN_MS,
    );
    await expectGuestsOnly();
    assert.equal((await request(known, "GET", "/api/v1/me")).status, 200);
    assert((await program.readiness())!.warnings.includes(line));
    assert.equal(warnings().filter((text) => text.includes(line)).length, 1);
    await asAdmin(
      services.env.DATABASE_URL,
      ["SET default_transaction_read_only = off"],
      ["ALTER SYSTEM RESET default_transaction_read_only"],
      ["SELECT pg_reload_conf()"],
    );
    await program.untilHealthy(WITHIN_MS);
    assert.equal((await request(known, "PATCH", "/api/v1/me", { name: "Ada" })).status, 200);
  });

  it("lets guests play while its user may not log in, and while its tables are missing", async () => {
    const url = new URL(services.env.DATABASE_URL);
    url.password = "hunter2";
    for (const [name, DATABASE_URL, line] of [
      ["password", url.href, /^DATABASE_URL: \S+ refused user "\w+": wrong user or password$/],
      [
        "tables",
        await unmigrated(),
        /^DATABASE_URL: user "weak" lacks a privilege in "\w+" \(.*\): run npm run migrate as the owner of the tables$/,
      ],
    ] as const) {
      const before = program;
      program = await Program.start({ dataDir: path.join(folder, name), env: { ...OPERATOR, DATABASE_URL } });
      try {
        await playDuel(await guest(program.url));
        await expectUnavailable(await request(null, "POST", "/auth/login", { email: "a@example.com", password: "x" }));
        await program.untilReported(line, WITHIN_MS);
        assert.doesNotMatch(program.output, /hunter2|weak-password/);
      } finally {
        await program.kill();
        program = before;
      }
    }
  });

  /** A database in which the user may create nothing. */
  async function unmigrated(): Promise<string> {
    const url = new URL(await services.createDatabase());
    await asAdmin(url.href, ["CREATE ROLE weak LOGIN PASSWORD 'weak-password'"]);
    url.username = "weak";
    url.password = "weak-password";
    return url.href;
  }
});
