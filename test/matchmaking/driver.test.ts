import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { MemoryDriver } from "../../src/matchmaking/roomDriver/MemoryDriver.ts";
import { RedisDriver } from "../../src/matchmaking/roomDriver/RedisDriver.ts";
import { useServices } from "../tools/services/useServices.ts";
import { describeDriver, listing } from "./driverContract.ts";

function clock() {
  let at = 1_700_000_000_000;
  const wait = (ms: number) => {
    at += ms;
  };
  return { now: () => at, wait };
}

describe("the room listings in memory", () => {
  describeDriver(() => {
    const time = clock();
    return { ...time, driver: new MemoryDriver(time.now) };
  });
});

describe("the room listings in Redis", () => {
  const services = useServices("redis");
  let redis: Redis;
  before(() => {
    redis = new Redis(services().env.REDIS_URL);
  });
  after(() => redis.quit());

  describeDriver(() => {
    const time = clock();
    return { ...time, driver: new RedisDriver(redis, services().namespace(), { now: time.now }) };
  });

  it("leaves no key behind after the last room is removed", async () => {
    const namespace = services().namespace();
    const driver = new RedisDriver(redis, namespace);
    const filters = { mode: "duel", region: "eu", rulesVersion: "1", band: 15 };
    for (const roomId of ["a", "b"]) await driver.insert(listing({ roomId, metadata: filters, seated: ["p", roomId] }));
    assert.equal((await redis.keys(`${namespace}*`)).length > 0, true);
    await driver.remove("a");
    await driver.cleanup("p");
    assert.deepEqual(await redis.keys(`${namespace}*`), []);
  });
});
