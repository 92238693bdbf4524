/** Runs all checks of Schemathesis against the API and its own OpenAPI document. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { arena } from "../../src/arena/game.ts";
import { recordMatches } from "../../src/players/database/recordMatches.ts";
import { finishedMatch } from "../players/database/finishedMatch.ts";
import { schemathesis } from "./schemathesis.ts";
import { OPERATOR, useApi } from "./useApi.ts";

const SEED = process.env.SEED ?? String(Math.floor(Math.random() * 2 ** 31));

describe("the OpenAPI document", () => {
  const use = useApi({ limitFactor: 1e6 });
  let python = "";
  let server: Server;
  let port = 0;
  let emptyTimer: NodeJS.Timeout;
  before(async function () {
    this.timeout(600_000);
    python = await schemathesis();
    server = createServer((request, response) => void use().api.handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
    emptyTimer = setInterval(() => void emptyQueue(), 250);
  });
  after(() => {
    clearInterval(emptyTimer);
    server?.closeAllConnections();
    server?.close();
  });

  /** Removes the waiting entries, so that no request waits for a match as long as the route allows. */
  async function emptyQueue(): Promise<void> {
    const { pool } = use();
    for (const mode of Object.keys(arena.modes))
      for (const entries of (await pool.waiting(mode)).pools.values())
        for (const { id } of entries) await pool.leave(id);
  }

  /** Rejects with the output of Schemathesis if any of its checks fails. */
  async function run(authorization: string, ...more: string[]): Promise<void> {
    const args = [
      ...["-m", "schemathesis.cli", "run", `http://127.0.0.1:${port}/openapi.json`, "--checks", "all"],
      ...["--header", `Authorization: ${authorization}`, "--max-examples", "15", "--seed", SEED],
      ...["--suppress-health-check", "all", "--no-color", ...more],
    ];
    const output = await new Promise<{ failed: boolean; text: string }>((resolve) => {
      execFile(python, args, { maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
        resolve({ failed: error !== null, text: stdout + stderr }),
      );
    });
    assert.equal(output.failed, false, output.text.slice(-20_000));
  }

  it(`describes every response to the requests of Schemathesis (seed ${SEED})`, async function () {
    this.timeout(240_000);
    const api = use();
    const { id, token } = await api.account("conformance@example.com", "Conformance");
    await api.sql.transaction((tx) => recordMatches(tx, [finishedMatch([{ player: id }, { player: "x" }])]));
    const basic = Buffer.from(`${OPERATOR.user}:${OPERATOR.password}`).toString("base64");
    const ending = ["DELETE /api/v1/me", "POST /api/v1/me/sessions/revoke"];
    const bearer = `Bearer ${token}`;
    // The routes that end the session are tested last, in a separate run.
    const without = ending.flatMap((name) => ["--exclude-name", name]);
    const only = ending.flatMap((name) => ["--include-name", name]);
    const phases = "examples,coverage,fuzzing";
    await run(bearer, "--phases", `${phases},stateful`, "--exclude-path-regex", "^/admin", ...without);
    await run(`Basic ${basic}`, "--phases", phases, "--include-path-regex", "^/admin");
    await run(bearer, "--phases", phases, ...only);
  });
});
