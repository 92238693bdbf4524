import assert from "node:assert/strict";
import { Redis } from "ioredis";
import type { Requester } from "../../schema/joinOptions.ts";
import type { Claims } from "../../src/matchmaking/quotas/Claims.ts";
import { CountedQuotas } from "../../src/matchmaking/quotas/CountedQuotas.ts";
import { MemoryClaims } from "../../src/matchmaking/quotas/MemoryClaims.ts";
import { ALIVE_MS, RedisClaims } from "../../src/matchmaking/quotas/RedisClaims.ts";
import { useServices } from "../tools/services/useServices.ts";

const FOREVER = Number.POSITIVE_INFINITY;
const ANN: Requester = { playerId: "ann", network: "192.0.2.1" };
const BOB: Requester = { playerId: "bob", network: "192.0.2.1" };
const LIMITS = { rooms: 5, seats: 2, parties: 1, streams: 3, addressFactor: 2, roomsOfProcess: 100 };

/** `open` opens the store of one process; `forward` moves the time of all its ids. */
function contract(open: () => Claims, forward: (ms: number) => Promise<void>): void {
  let claims: Claims;
  beforeEach(() => {
    claims = open();
  });
  afterEach(() => claims.close());
  const set = (name: string, max: number) => ({ name, max });

  it("adds an id to all sets, or to none if one is full", async () => {
    assert.equal(await claims.add([set("a", 1), set("b", 1)], "1", FOREVER), -1);
    assert.equal(await claims.add([set("c", 1), set("b", 1)], "2", FOREVER), 1);
    assert.equal(await claims.add([set("c", 1)], "3", FOREVER), -1);
  });

  it("counts an id once, however often it is added", async () => {
    for (let i = 0; i < 3; i++) assert.equal(await claims.add([set("a", 1)], "1", FOREVER), -1);
    assert.equal(await claims.add([set("a", 1)], "2", FOREVER), 0);
  });

  it("has room again when an id was removed", async () => {
    await claims.add([set("a", 1), set("b", 1)], "1", FOREVER);
    await claims.remove(["a", "b"], "1");
    assert.equal(await claims.add([set("a", 1), set("b", 1)], "2", FOREVER), -1);
  });

  it("only says which set is full if there is no id", async () => {
    assert.equal(await claims.add([set("a", 1)], null, 0), -1);
    await claims.add([set("a", 1)], "1", FOREVER);
    assert.equal(await claims.add([set("b", 1), set("a", 1)], null, 0), 1);
  });

  it("drops an id after its time, unless it was added for longer meanwhile", async () => {
    await claims.add([set("a", 2)], "brief", 5000);
    await claims.add([set("a", 2)], "kept", 5000);
    await claims.add([set("a", 2)], "kept", FOREVER);
    assert.equal(await claims.add([set("a", 2)], "third", FOREVER), 0);
    await forward(5001);
    assert.equal(await claims.add([set("a", 2)], "third", FOREVER), -1);
    assert.equal(await claims.add([set("a", 2)], "fourth", FOREVER), 0);
  });

  it("never exceeds a limit, whatever is added at once", async () => {
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, i) => claims.add([set("a", 5), set("b", 50)], `${i}`, FOREVER)),
    );
    assert.equal(results.filter((full) => full === -1).length, 5);
  });
}

describe("claims in memory", () => {
  let now = 0;
  contract(
    () => new MemoryClaims(() => now),
    async (ms) => {
      now += ms;
    },
  );
});

describe("claims in Redis", () => {
  const services = useServices("redis");
  let redis: Redis;
  let namespace = "";
  before(() => {
    redis = new Redis(services().env.REDIS_URL);
  });
  beforeEach(() => {
    namespace = services().namespace();
  });
  after(() => redis.quit());

  /** The clock of Redis cannot be moved, so the stored times are. */
  async function forward(ms: number): Promise<void> {
    for (const key of await redis.keys(`${namespace}{quota}:*`)) {
      if ((await redis.type(key)) !== "hash") continue;
      for (const [id, value] of Object.entries(await redis.hgetall(key))) {
        const [process, until] = value.split("|");
        if (Number(until) > 0) await redis.hset(key, id, `${process}|${Number(until) - ms}`);
      }
    }
  }
  contract(() => new RedisClaims(redis, namespace), forward);

  const open = () => new CountedQuotas({ limits: LIMITS, shared: new RedisClaims(redis, namespace) });

  it("hold across processes", async () => {
    const [one, other] = [open(), open()];
    const answers = await Promise.allSettled(
      Array.from({ length: 100 }, (_, i) => (i % 2 ? one : other).take("rooms", ANN, `room${i}`)),
    );
    assert.equal(answers.filter(({ status }) => status === "fulfilled").length, 5);
    await assert.rejects(other.take("rooms", ANN, "x"), { name: "QuotaReached", of: "player", max: 5 });
    for (let i = 0; i < 5; i++) await one.take("rooms", BOB, `bob${i}`);
    await assert.rejects(one.take("rooms", { ...ANN, playerId: "cy" }, "x"), { of: "address", max: 10 });
    one.close();
    other.close();
  });

  it("free what a dead process had counted, and nothing of a live one", async () => {
    await redis.del(`${namespace}{quota}:processes`);
    const [dead, live] = [open(), open()];
    await dead.take("seats", ANN, "of the dead");
    const [first] = await redis.zrange(`${namespace}{quota}:processes`, 0, 0);
    await live.take("seats", ANN, "of the live");
    await assert.rejects(live.take("seats", ANN, "third"), { name: "QuotaReached" });
    dead.close();
    await redis.zincrby(`${namespace}{quota}:processes`, -ALIVE_MS, first);
    await live.take("seats", ANN, "third");
    await assert.rejects(live.take("seats", ANN, "fourth"), { name: "QuotaReached" });
    live.close();
  });

  it("hold in each process while Redis is unavailable", async () => {
    const lost = new Redis({ port: 1, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
    lost.on("error", () => {});
    const quotas = new CountedQuotas({ limits: LIMITS, shared: new RedisClaims(lost, namespace) });
    await quotas.take("parties", ANN, "ABCDEFGH");
    await assert.rejects(quotas.take("parties", ANN, "HGFEDCBA"), { name: "QuotaReached" });
    await quotas.release("parties", ANN, "ABCDEFGH");
    await quotas.take("parties", ANN, "HGFEDCBA");
    quotas.close();
    lost.disconnect();
  });
});
