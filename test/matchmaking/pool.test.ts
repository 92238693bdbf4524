import { Redis } from "ioredis";
import { arena } from "../../src/arena/game.ts";
import { MemoryPool } from "../../src/matchmaking/waitingPool/MemoryPool.ts";
import { RedisPool } from "../../src/matchmaking/waitingPool/RedisPool.ts";
import { useServices } from "../tools/services/useServices.ts";
import { describePool } from "./poolContract.ts";

function clock() {
  let at = 1_700_000_000_000;
  const wait = (ms: number) => {
    at += ms;
  };
  return { now: () => at, wait };
}

describe("the waiting pool in memory", () => {
  describePool(() => {
    const time = clock();
    return { ...time, pool: new MemoryPool(time.now) };
  });
});

describe("the waiting pool in Redis", () => {
  const services = useServices("redis");
  let redis: Redis;
  before(() => {
    redis = new Redis(services().env.REDIS_URL);
  });
  after(() => redis.quit());

  describePool(() => {
    const time = clock();
    return { ...time, pool: new RedisPool(redis, services().namespace(), arena, time.now) };
  });
});
