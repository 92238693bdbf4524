import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { SecretWatch } from "../../../src/main/installation/SecretWatch.ts";
import { Health } from "../../../src/platform/health/Health.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { useServices } from "../../tools/services/useServices.ts";

const SECRETS = ["the first secret, which is long enough", "the second secret, which is long enough"];

describe("processes with different JWT_SECRETs", function () {
  this.timeout(600_000);
  const services = useServices("redis");
  const opened: SecretWatch[] = [];
  let redis: Redis;
  let namespace: string;
  before(() => {
    redis = new Redis(services().env.REDIS_URL);
  });
  beforeEach(() => {
    namespace = services().namespace();
  });
  afterEach(() => Promise.all(opened.splice(0).map((watch) => watch.stop())));
  after(() => redis.disconnect());

  function open(secret: string, isSet = true, accepted: readonly string[] = []) {
    const health = new Health(silent);
    const watch = new SecretWatch({ redis, namespace, secret, accepted, isSet, health });
    opened.push(watch);
    return async () => {
      await watch.check();
      return health.standing();
    };
  }

  it("are warned of on each process, without the secret, and joins still work", async () => {
    const [first, second] = [open(SECRETS[0]), open(SECRETS[1], false)];
    await first();
    for (const [find, isSet] of [
      [second, false],
      [first, true],
    ] as const) {
      const [{ line, breaks }] = await find();
      assert.match(
        line,
        /^JWT_SECRET: .* different secrets \(fingerprint [0-9a-f]{12} here, [0-9a-f]{12} elsewhere\), /,
      );
      assert.equal(line.includes("it is not set here"), !isSet);
      assert(!SECRETS.some((secret) => line.includes(secret)));
      assert.equal(breaks, null);
    }
    assert((await redis.zrange(`${namespace}jwt-secrets`, 0, -1)).every((kept) => /^[0-9a-f]{12}$/.test(kept)));
  });

  it("are warned of until the last process with another secret has stopped", async () => {
    const [first, second] = [open(SECRETS[0]), open(SECRETS[1])];
    await second();
    assert.equal((await first()).length, 1);
    await opened.splice(1)[0].stop();
    assert.deepEqual(await first(), []);
  });

  it("are warned of for a while after the last process with another secret was killed", async () => {
    const [first, second] = [open(SECRETS[0]), open(SECRETS[1])];
    await second();
    assert.equal((await first()).length, 1);
    const [nowSeconds] = await redis.time();
    for (const kept of await redis.zrange(`${namespace}jwt-secrets`, 0, -1))
      await redis.zadd(`${namespace}jwt-secrets`, Number(nowSeconds) - 46, kept);
    assert.deepEqual(await first(), []);
  });

  it("are not warned of while the secret is changed and all accept both, but once one accepts only the other", async () => {
    const [A, B] = SECRETS;
    const all = [open(A, true, [B]), open(B, true, [A]), open(A, true, [B])];
    for (const find of all) await find();
    for (const find of all) assert.deepEqual(await find(), []);
    const only = open(B);
    assert.match(
      (await only())[0].line,
      /^JWT_SECRET: .*; to change the secret, first add the new one to JWT_ACCEPTED_SECRETS/,
    );
    const [{ line }] = await all[0]();
    assert(!SECRETS.some((secret) => line.includes(secret)));
    assert.deepEqual(await all[1](), []);
  });

  it("are none if all have the same secret, or another NAMESPACE", async () => {
    const [first, same] = [open(SECRETS[0]), open(SECRETS[0])];
    namespace = services().namespace();
    const elsewhere = open(SECRETS[1]);
    await elsewhere();
    assert.deepEqual([await first(), await same(), await elsewhere()], [[], [], []]);
  });
});
