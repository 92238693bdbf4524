import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { checkConfig } from "../../../src/main/checkConfig.ts";
import { planProcesses } from "../../../src/main/multiProcess/processPlan.ts";
import { readConfig } from "../../../src/platform/config/readConfig.ts";

const SERVICES = {
  ...{ DATA_DIR: tmpdir(), REDIS_URL: "redis://127.0.0.1:1", KAFKA_BROKERS: "127.0.0.1:1" },
  DATABASE_URL: "postgres://a:b@127.0.0.1:1/c",
};
const configOf = (env: Record<string, string>) => readConfig([], { ...SERVICES, ...env });

describe("HEALTH_PORT", () => {
  it("gives each of several processes a port of its own", () => {
    const plan = planProcesses(configOf({ PROCESSES: "2", HEALTH_PORT: "9000" }), [2567, 2568, 2569]);
    const ports = [...plan.games, plan.pipeline!].map(({ env }) => env.HEALTH_PORT);
    assert.deepEqual(ports, ["9000", "9001", "9002"]);
    assert.equal(planProcesses(configOf({ PROCESSES: "2" }), [1, 2, 3]).games[0].env.HEALTH_PORT, undefined);
  });

  for (const [env, message] of [
    [{ HEALTH_PORT: "2567" }, /^HEALTH_PORT: invalid 2567 with PORT 2567: expected another port$/],
    [
      { HEALTH_PORT: "2566", PROCESSES: "2" },
      /^HEALTH_PORT: invalid 2566 with PORT 2567: expected 3 ports that PORT does not use$/,
    ],
    [
      { HEALTH_PORT: "65534", PROCESSES: "2" },
      /^HEALTH_PORT: invalid 65534 with 2 PROCESSES, .* expected at most 65533$/,
    ],
    [{ HEALTH_HOST: "10.0.0.1" }, /^HEALTH_PORT is not set: HEALTH_HOST requires it; /],
  ] as const) {
    it(`refuses ${JSON.stringify(env)} in one line`, () =>
      assert.throws(() => checkConfig(configOf(env)), { message }));
  }

  it("may be any other port", () => {
    checkConfig(configOf({ HEALTH_PORT: "2568" }));
    checkConfig(configOf({ HEALTH_PORT: "2570", PROCESSES: "2" }));
    checkConfig(configOf({ HEALTH_PORT: "1", PORT: "0" }));
  });
});
