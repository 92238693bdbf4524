/** JWT_SECRET is changed on running processes in the three restarts that docs/processes.md describes. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { decodeProtectedHeader } from "jose";
import { keyIdOf } from "../../../src/players/auth/keyIdOf.ts";
import { Program } from "../../chaos/Program.ts";
import { limitDatabase } from "../../tools/services/leastPrivileges.ts";
import { useServices } from "../../tools/services/useServices.ts";

const [OLD, NEW] = ["the old secret which is long enough", "the new secret which is long enough"];
const NAMES = ["a", "b"] as const;

describe("a change of JWT_SECRET", function () {
  this.timeout(1_800_000);
  const services = useServices("kafka", "postgres", "redis");
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-rotation-"));
  const running = new Map<string, Program>();
  let env: Readonly<Record<string, string>>;
  before(async () => {
    const { runtime: DATABASE_URL } = await limitDatabase(await services().createDatabase());
    const shared = { ...services().env, DATABASE_URL, NAMESPACE: services().namespace() };
    env = { ...shared, KAFKA_PARTITIONS: "1", ROLES: "game,api", LOG_LEVEL: "warn" };
  });
  after(async () => {
    for (const program of running.values()) await program.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  async function restart(name: string, secrets: Readonly<Record<string, string>>): Promise<void> {
    await running.get(name)?.stop();
    const options = { dataDir: path.join(folder, name), env: { ...env, ...secrets }, oneOfMany: true } as const;
    running.set(name, await Program.start(options));
  }

  async function signIn({ url }: Program): Promise<string> {
    const answer = await fetch(`${url}/auth/anonymous`, { method: "POST" });
    return ((await answer.json()) as { token: string }).token;
  }

  async function statusOf({ url }: Program, token: string): Promise<number> {
    return (await fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } })).status;
  }

  async function join({ url }: Program, token: string): Promise<void> {
    const answer = await fetch(`${url}/matchmake/joinOrCreate/arena`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ mode: "duel" }),
    });
    assert.equal(answer.status, 200, await answer.text());
  }

  /** Each process accepts all `tokens`, and a token that the other one makes now, which is added. */
  async function assertAccepted(tokens: string[]): Promise<void> {
    const [a, b] = NAMES.map((name) => running.get(name)!);
    for (const [here, other] of [
      [a, b],
      [b, a],
    ]) {
      const token = await signIn(other);
      await join(here, token);
      tokens.push(token);
      for (const known of tokens) assert.equal(await statusOf(here, known), 200);
      const lines = (await here.reported())!.filter((line) => line.startsWith("JWT_SECRET"));
      assert.deepEqual(lines, []);
    }
  }

  it("signs no player out in three restarts of one process after the other, until the old secret is removed", async () => {
    for (const name of NAMES) await restart(name, { JWT_SECRET: OLD });
    const old: string[] = [];
    await assertAccepted(old);
    for (const name of NAMES) {
      await restart(name, { JWT_SECRET: OLD, JWT_ACCEPTED_SECRETS: NEW });
      await assertAccepted(old);
    }
    const signedBy = (token: string) => decodeProtectedHeader(token).kid;
    assert.deepEqual([...new Set(old.map(signedBy))], [keyIdOf(OLD)]);

    const all = [...old];
    for (const name of NAMES) {
      await restart(name, { JWT_SECRET: NEW, JWT_ACCEPTED_SECRETS: OLD });
      await assertAccepted(all);
    }
    assert.deepEqual([...new Set(all.map(signedBy))], [keyIdOf(OLD), keyIdOf(NEW)]);

    const recent = all.filter((token) => signedBy(token) === keyIdOf(NEW));
    for (const name of NAMES) {
      await restart(name, { JWT_SECRET: NEW });
      await assertAccepted(recent);
      for (const token of old) assert.equal(await statusOf(running.get(name)!, token), 401);
    }
    for (const { output } of running.values()) assert.doesNotMatch(output, /JWT_SECRET/);
  });
});
