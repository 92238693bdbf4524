/** Guesses of operators' credentials that processes without players count together. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { OPERATOR, Program } from "../../chaos/Program.ts";
import { useServices } from "../../tools/services/useServices.ts";

describe("processes without players", function () {
  this.timeout(900_000);
  const services = useServices("redis");
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-guesses-"));
  const programs: Program[] = [];
  after(async () => {
    await Promise.all(programs.map((program) => program.kill()));
    rmSync(folder, { recursive: true, force: true });
  });

  it("count guesses of operators' credentials together with the other processes at their Redis", async () => {
    const { REDIS_URL } = services().env;
    const env = { ...OPERATOR, REDIS_URL, NAMESPACE: services().namespace(), LOG_LEVEL: "warn", ROLES: "relay" };
    for (const name of ["one", "two"]) {
      // No broker listens there, which /readyz reports with the address.
      const dataDir = path.join(folder, name);
      programs.push(await Program.make({ dataDir, env: { ...env, KAFKA_BROKERS: "127.0.0.1:1" } }));
      void programs.at(-1)!.spawn();
    }
    const [one, two] = programs;
    const hidden = /KAFKA_BROKERS: no broker answers at \(address\)/;
    const linesOf = async ({ url }: Program, password: string | null): Promise<string> => {
      const headers: Record<string, string> =
        password === null ? {} : { authorization: `Basic ${btoa(`${OPERATOR.ADMIN_USER}:${password}`)}` };
      const answer = await fetch(`${url}/readyz`, { headers }).catch(() => null);
      return answer === null ? "" : answer.text();
    };
    for (const program of programs) while (!hidden.test(await linesOf(program, null))) await delay(100);
    for (let n = 0; n < 20; n++) await linesOf(one, `wrong ${n}`);
    assert.match(await linesOf(two, OPERATOR.ADMIN_PASSWORD), hidden);
  });
});
