/** A process whose ranking cannot be read yet: players can join, so it is ready, and says what is missing. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { openRedis } from "../../../src/platform/redis/openRedis.ts";
import { RedisIndex } from "../../../src/players/rankings/RedisIndex.ts";
import { Program } from "../../chaos/Program.ts";
import { useServices } from "../../tools/services/useServices.ts";

describe("a program while its rankings are being rebuilt", function () {
  this.timeout(900_000);
  const services = useServices("redis");

  it("is ready, with a warning, until they can be read", async () => {
    const REDIS_URL = services().env.REDIS_URL;
    const NAMESPACE = services().namespace();
    const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-rankings-"));
    const redis = openRedis(REDIS_URL, {});
    const build = await new RedisIndex(redis, NAMESPACE).build("of another process");
    assert(build !== null);
    const program = await Program.start({ dataDir, env: { REDIS_URL, NAMESPACE, LOG_LEVEL: "fatal" } });
    try {
      await program.untilReported(/^the ranking is being rebuilt$/, 120_000);
      const { warnings } = await program.untilReady(/ranking/);
      assert(warnings.includes("the ranking is being rebuilt"));
      await build.abandon();
      await program.untilHealthy(120_000);
    } finally {
      await program.kill();
      redis.disconnect();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
