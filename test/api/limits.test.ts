import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { Limits } from "../../src/api/limits.ts";
import { useServices } from "../tools/services/useServices.ts";

const [OLD, NEW] = ["the old secret, which is long enough", "the new secret, which is long enough"];

describe("limits by account", function () {
  this.timeout(600_000);
  const services = useServices("redis");
  let redis: Redis;
  before(() => {
    redis = new Redis(services().env.REDIS_URL);
  });
  after(() => redis.disconnect());

  /** The secrets of the processes before and after each restart of a change of JWT_SECRET. */
  const steps: readonly (readonly [before: readonly string[], after: readonly string[]])[] = [
    [[OLD], [OLD, NEW]],
    [
      [OLD, NEW],
      [NEW, OLD],
    ],
    [[NEW, OLD], [NEW]],
  ];
  it("count the attempts on all processes together, also while JWT_SECRET is changed", async () => {
    for (const step of steps) {
      const namespace = services().namespace();
      const [before, after] = step.map((secrets) => new Limits({ redis, namespace, secrets }));
      const attempt = (limits: Limits) => limits.takePasswordAttempt("victim@example.com", "192.0.2.7");
      for (let i = 0; i < 5; i++) {
        await attempt(before);
        await attempt(after);
      }
      for (const limits of [before, after]) await assert.rejects(attempt(limits), { code: "TOO_MANY_REQUESTS" });
      const reset = (limits: Limits) => limits.takeReset("victim@example.com");
      for (const limits of [before, after, before, after]) await reset(limits);
      for (const limits of [before, after]) await assert.rejects(reset(limits), { code: "TOO_MANY_REQUESTS" });
    }
  });

  it("count an attempt once, although a secret is listed twice", async () => {
    const limits = new Limits({ redis, namespace: services().namespace(), secrets: [NEW, NEW] });
    for (let i = 0; i < 4; i++) await limits.takeReset("victim@example.com");
    await assert.rejects(limits.takeReset("victim@example.com"), { code: "TOO_MANY_REQUESTS" });
  });

  it("show no e-mail address in Redis", async () => {
    const namespace = services().namespace();
    await new Limits({ redis, namespace, secrets: [OLD] }).takePasswordAttempt("victim@example.com", "192.0.2.7");
    const keys = await redis.keys(`${namespace}*`);
    assert.equal(keys.length, 2);
    assert.doesNotMatch(keys.join(), /victim/);
  });
});
