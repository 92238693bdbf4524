/** What a program does about data of another installation, and about another JWT_SECRET. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Redis } from "ioredis";
import { Program } from "../../chaos/Program.ts";
import { limitDatabase } from "../../tools/services/leastPrivileges.ts";
import { useServices } from "../../tools/services/useServices.ts";

const WITHIN_MS = 240_000;
const OTHER = "01234567-89ab-cdef-0123-456789abcdef";
const LINE = new RegExp(`REDIS_URL, NAMESPACE, DATABASE_URL: .*installation ${OTHER}, .* installation [0-9a-f-]{36}; `);

describe("a program and another installation", function () {
  this.timeout(900_000);
  const services = useServices("postgres", "redis");
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-installation-"));
  let redis: Redis;
  before(() => {
    redis = new Redis(services().admin.REDIS_URL);
  });
  after(() => {
    redis.disconnect();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("does not start on its keys, stops when it finds them later, and reports another JWT_SECRET", async () => {
    const { runtime: DATABASE_URL } = await limitDatabase(await services().createDatabase());
    const env = { DATABASE_URL, REDIS_URL: services().env.REDIS_URL, NAMESPACE: services().namespace() };
    const program = await Program.make({ dataDir, env: { ...env, LOG_LEVEL: "fatal" } });
    try {
      await redis.hset(`${env.NAMESPACE}installation`, "id", OTHER);
      assert.equal(await program.spawn(), 1);
      assert.match(program.output.trim().split("\n").at(-1)!, LINE);
      const command = ["src/main/commands/command.ts", "ranking:rebuild"];
      const options = { env: { PATH: process.env.PATH, DATA_DIR: dataDir, ...env }, encoding: "utf8" } as const;
      const { status, stderr } = spawnSync(process.execPath, command, {
        ...options,
        cwd: path.resolve(import.meta.dirname, "../../.."),
      });
      assert.equal(status, 1);
      assert.match(stderr, /^nothing was changed: REDIS_URL, NAMESPACE, DATABASE_URL: [^\n]*\n$/);

      await redis.del(`${env.NAMESPACE}installation`);
      await program.start();
      await redis.zadd(`${env.NAMESPACE}jwt-secrets`, Math.floor(Date.now() / 1000) + 1000, "0123456789ab");
      await program.untilReported(/^JWT_SECRET: .*0123456789ab elsewhere\)/, WITHIN_MS);
      assert.deepEqual((await program.readiness())!.problems, []);

      program.output = "";
      await redis.hset(`${env.NAMESPACE}installation`, "id", OTHER);
      assert.equal(await program.ended, 1);
      assert.match(program.output, LINE);
    } finally {
      await program.kill();
    }
  });
});
