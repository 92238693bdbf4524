import assert from "node:assert/strict";
import { mock } from "node:test";
import { Redis } from "ioredis";
import { MemoryIndex } from "../../../src/players/rankings/MemoryIndex.ts";
import { RedisIndex } from "../../../src/players/rankings/RedisIndex.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { change, describeRankingIndex } from "./contract.ts";

describe("the ranking index in memory", () => {
  describeRankingIndex(async () => new MemoryIndex());
});

describe("the ranking index in Redis", () => {
  const services = useServices("redis");
  let redis: Redis;
  let admin: Redis;
  let namespace = "";
  before(() => {
    redis = new Redis(services().env.REDIS_URL);
    admin = new Redis(services().admin.REDIS_URL);
  });
  after(() => Promise.all([redis.quit(), admin.quit()]));
  const empty = async () => {
    namespace = services().namespace();
    return new RedisIndex(redis, namespace);
  };
  describeRankingIndex(empty);

  const board = { seasonId: 1, game: "arena", mode: "duel" };
  async function filled() {
    const index = await empty();
    const build = (await index.build("g"))!;
    await build.add([change("a", 1500), change("b", 1400)]);
    await build.finish(10n);
    return index;
  }

  for (const lost of ["order", "rows", "state"]) {
    it(`notices that Redis has lost its ${lost}`, async () => {
      const index = await filled();
      await redis.del(`${namespace}{ladders}:${lost === "state" ? lost : `1:arena:duel:${lost}`}`);
      assert.equal(await index.page("g", board, 0, 10), null);
      assert.equal(await index.version(), null);
    });
  }

  it("notices on a change that Redis has lost players", async () => {
    const index = await filled();
    const version = (await index.version())!;
    await redis.zrem(`${namespace}{ladders}:1:arena:duel:order`, "a");
    assert.equal(await index.apply(version, [change("c", 1)], 11n), false);
    assert.equal(await index.version(), null);
  });

  /** A client whose Redis goes back to the data of now when the command `name` is called for the `nth` time, from 0. */
  async function goingBackAt(name: string, nth: number): Promise<Redis> {
    const keys = await redis.keys(`${namespace}*`);
    const kept = await Promise.all(keys.map((key) => admin.dumpBuffer(key)));
    const goBack = async () => {
      await admin.del(...(await redis.keys(`${namespace}*`)));
      for (const [i, key] of keys.entries()) await admin.restore(key, 0, kept[i]!);
    };
    let calls = 0;
    return new Proxy(redis, {
      get(target, property) {
        const value = Reflect.get(target, property);
        if (typeof value !== "function") return value;
        return async (...args: unknown[]) => {
          if (property === name && calls++ === nth) await goBack();
          return value.apply(target, args);
        };
      },
    });
  }

  const inTwoBoards = [change("a", 1600, { revision: 5 }), change("b", 1700, { revision: 5, mode: "ffa" })];
  for (const [command, nth] of [
    ["rankingApply", 0],
    ["rankingApply", 1],
    ["rankingWatermark", 0],
  ] as const) {
    it(`refuses an update if Redis goes back to older data before ${command} ${nth + 1}`, async () => {
      const index = await filled();
      const older = new RedisIndex(await goingBackAt(command, nth), namespace);
      await index.apply((await index.version())!, [change("c", 1300)], 11n);
      assert.equal(await older.apply((await index.version())!, inTwoBoards, 12n), false);
      assert.equal((await index.version())!.watermark, 10n);
    });
  }

  for (const [command, nth] of [
    ["rankingApply", 1],
    ["rankingWatermark", 0],
  ] as const) {
    it(`refuses an update if Redis goes back to the data before it at ${command} ${nth + 1}`, async () => {
      const index = await filled();
      const version = (await index.version())!;
      const older = new RedisIndex(await goingBackAt(command, nth), namespace);
      assert.equal(await older.apply(version, inTwoBoards, 11n), false);
      assert.equal((await index.version())!.watermark, 10n);
    });
  }

  it("does not finish a build of which Redis has lost a part", async () => {
    const index = await filled();
    const build = (await index.build("g"))!;
    await build.add([change("a", 1500)]);
    await redis.unlink(...(await redis.keys(`${namespace}{ladders}:build:*:order`)));
    await assert.rejects(build.finish(11n));
    await build.abandon();
  });

  it("keeps all boards of a build alive until it is finished, however long its last board takes", async () => {
    const index = await empty();
    mock.timers.enable({ apis: ["setInterval"] });
    try {
      const build = (await index.build("g"))!;
      for (const mode of ["duel", "ffa", "squad"]) await build.add([change("a", 1500, { mode })]);
      const keys = await redis.keys(`${namespace}*`);
      for (const key of keys) await redis.pexpire(key, 5_000);
      mock.timers.tick(10_000);
      // The connection executes its commands in order, so the renewal is done before these.
      for (const key of keys) assert.ok((await redis.pttl(key)) > 5_000, `${key} was not renewed`);
      await build.finish(10n);
      mock.timers.tick(10_000);
      for (const key of await redis.keys(`${namespace}*`)) assert.equal(await redis.pttl(key), -1);
    } finally {
      mock.timers.reset();
    }
    assert.equal((await index.page("g", { seasonId: 1, game: "arena", mode: "squad" }, 0, 10))?.value.total, 1);
  });

  it("lets the index of builds without games in its keys expire, and does not touch it before", async () => {
    const index = await empty();
    const former = `${namespace}{ranking}:`;
    await redis.zadd(`${former}1:duel:order`, 1600, "a");
    await redis.hset(`${former}1:duel:rows`, "a", "1|1|3|2|1|1");
    await redis.hset(`${former}state`, { generation: "g", build: "b", watermark: "9", "n:1:duel": "1" });
    const build = (await index.build("g"))!;
    await build.add([change("a", 1500)]);
    await build.finish(10n);
    for (const key of ["1:duel:order", "1:duel:rows", "state"]) {
      const ms = await redis.pttl(`${former}${key}`);
      assert.ok(ms > 0, `${key} does not expire`);
      await redis.pexpire(`${former}${key}`, 5_000);
    }
    const again = (await index.build("g"))!;
    await again.finish(11n);
    assert.ok((await redis.pttl(`${former}state`)) <= 5_000, "the time was extended");
    assert.equal(await redis.zscore(`${former}1:duel:order`, "a"), "1600");
  });

  it("leaves no key of a build behind", async () => {
    await filled();
    const left = await redis.keys(`${namespace}*`);
    assert.deepEqual(left.map((key) => key.slice(namespace.length)).sort(), [
      "{ladders}:1:arena:duel:order",
      "{ladders}:1:arena:duel:rows",
      "{ladders}:state",
    ]);
  });
});
