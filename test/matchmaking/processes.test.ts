/** Queue, pairing and process watch of several processes on one Redis, without rooms, and with a clock that the test moves. */
import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { NO_PROCESS } from "../../schema/partySnapshot.ts";
import type { QueueMessage } from "../../schema/queueEvents.ts";
import { arena } from "../../src/arena/game.ts";
import { RedisConduct } from "../../src/matchmaking/conduct/RedisConduct.ts";
import { ProcessWatch } from "../../src/matchmaking/ProcessWatch.ts";
import { Pairer } from "../../src/matchmaking/pairing/Pairer.ts";
import { RedisParties } from "../../src/matchmaking/parties/RedisParties.ts";
import { Queue } from "../../src/matchmaking/Queue.ts";
import type { QueueListener } from "../../src/matchmaking/RankedQueue.ts";
import { HOLDER_MS, LEASE_MS } from "../../src/matchmaking/waitingPool/Pool.ts";
import { RedisPool } from "../../src/matchmaking/waitingPool/RedisPool.ts";
import { useServices } from "../tools/services/useServices.ts";
import { FakeMatchHost, noLog } from "./FakeMatchHost.ts";
import { duel, player } from "./poolEntries.ts";

describe("matchmaking on several processes", () => {
  const services = useServices("redis");
  let redis: Redis;
  let namespace = "";
  let at = 0;
  const now = () => at;
  before(() => {
    redis = new Redis(services().env.REDIS_URL);
  });
  after(() => redis.quit());
  beforeEach(() => {
    namespace = services().namespace();
    at = 1_700_000_000_000;
  });

  /** Creates one process without timers: the test calls heartbeats and passes itself. */
  async function start(name: string) {
    const pool = new RedisPool(redis, namespace, arena, now);
    const conduct = new RedisConduct(redis, namespace, "arena", [0]);
    const matchHost = new FakeMatchHost(name);
    const events: QueueMessage[] = [];
    const publish = (message: QueueMessage) => void events.push(message);
    const losses: string[] = [];
    const onStateLost = async () => void losses.push("forgotten");
    const queue = new Queue({
      game: "arena",
      pool,
      conduct,
      matchHost,
      publish,
      holder: name,
      log: noLog,
      now,
      onStateLost,
    });
    await pool.registerHolder(name, HOLDER_MS);
    const pairer = new Pairer({ game: arena, pool, conduct, matchHost, publish, owner: name, log: noLog });
    const parties = new RedisParties(redis, namespace);
    return { name, pool, matchHost, events, queue, pairer, parties, losses };
  }
  type Process = Awaited<ReturnType<typeof start>>;

  function listener() {
    const news: string[] = [];
    const all: QueueListener = {
      found: (seats) => void news.push(`found ${Object.values(seats)[0].roomId}`),
      returned: () => void news.push("returned"),
      gone: (how) => void news.push(how),
    };
    return { ...all, news };
  }
  async function enter({ queue }: Process, playerId: string, rating = 1500) {
    const one = listener();
    const status = await queue.enter({ ...duel, players: [player(playerId, { rating })], party: null }, one);
    return { ...status!, news: one.news };
  }
  async function pass({ pairer }: Process, ...others: Process[]): Promise<void> {
    await pairer.pass();
    await pairer.untilOpened();
    for (const { queue } of others) await queue.heartbeat();
  }

  it("matches players who wait on different processes exactly once", async () => {
    const [one, two] = [await start("P1"), await start("P2")];
    const [a, b] = [await enter(one, "a"), await enter(two, "b")];
    await Promise.all([pass(one), pass(two)]);
    await pass(one, one, two);
    assert.equal(one.matchHost.opened.length + two.matchHost.opened.length, 1);
    assert.deepEqual(a.news, b.news);
    assert.equal(await two.queue.confirm(b.entryId, "b"), "confirmed");
    assert.equal(await two.queue.confirm(b.entryId, "a"), "confirmed");
    await one.queue.heartbeat();
    assert.equal(a.news.at(-1), "confirmed");
  });

  it("lets another process pair once the lease of a dead one has expired", async () => {
    const [one, two] = [await start("P1"), await start("P2")];
    await pass(one);
    await enter(two, "a");
    await enter(two, "b");
    await pass(two, two);
    assert.equal(two.matchHost.opened.length, 0);
    at += LEASE_MS;
    await pass(two, two);
    assert.equal(two.matchHost.opened.length, 1);
  });

  it("prevents a pairing process that was paused from writing when it resumes", async () => {
    const [one, two] = [await start("P1"), await start("P2")];
    await enter(two, "a");
    await enter(two, "b");
    let resume = () => {};
    one.matchHost.opening = new Promise((resolve) => {
      resume = resolve;
    });
    await one.pairer.pass();
    // Redis keeps its data: another process takes over and pairs them again.
    at += LEASE_MS;
    await two.queue.heartbeat();
    await pass(two, two);
    at += HOLDER_MS - 1;
    await two.queue.heartbeat();
    at += 2000;
    await pass(two, two);
    assert.equal(two.matchHost.opened.length, 1);
    const before = await redis.keys(`${namespace}*`);
    const found = await redis.hgetall(`${namespace}{pool:arena}:matches`);
    resume();
    await one.pairer.untilOpened();
    assert.deepEqual((await redis.keys(`${namespace}*`)).sort(), before.sort());
    assert.deepEqual(await redis.hgetall(`${namespace}{pool:arena}:matches`), found);
    assert.equal(one.matchHost.closed.length, 1, "its own room is closed");
    assert.deepEqual(
      one.events.filter(({ kind }) => kind === "matched"),
      [],
    );
  });

  it("returns all entries to the queue when the seats cannot be reserved", async () => {
    const one = await start("P1");
    const a = await enter(one, "a");
    await enter(one, "b");
    one.matchHost.isFailing = true;
    await pass(one, one);
    one.matchHost.isFailing = false;
    await pass(one, one);
    assert.deepEqual(a.news, ["found room-P1-0"]);
  });

  it("cleans up after a process that does not answer: dissolves its matches and recreates each party once", async () => {
    const [one, two, three] = [await start("P1"), await start("P2"), await start("P3")];
    await one.parties.create({ code: "ABCDEFGH", processId: "P1", leader: "x", kicked: [], wait: null });
    const [a, b] = [await enter(two, "a"), await enter(three, "b")];
    await enter(one, "c", 2800);
    await pass(one, two, three);
    assert.deepEqual(a.news, ["found room-P1-0"]);
    at += 2000;
    const restored: string[] = [];
    const watches = [two, three].map(
      ({ name, pool, parties, matchHost }) =>
        new ProcessWatch({
          ...{ pool, parties, processId: name, log: noLog },
          isAlive: async (id) => id !== "P1",
          forget: async () => {},
          close: (match) => matchHost.close(match),
          async restoreParty(code, from) {
            const party = await parties.adopt(code, from, name);
            if (party === null) throw new Error("another process has adopted it");
            restored.push(`${party.code} ${party.leader} on ${name}`);
          },
        }),
    );
    for (const { queue } of [two, three]) await queue.heartbeat();
    await Promise.all(watches.map((watch) => watch.check()));
    await Promise.all(watches.map((watch) => watch.stop()));
    assert.equal(restored.length, 1);
    assert.match(restored[0], /^ABCDEFGH x on P[23]$/);
    for (const { queue } of [two, three]) await queue.heartbeat();
    assert.deepEqual([a.news.at(-1), b.news.at(-1)], ["returned", "returned"]);
    at += HOLDER_MS - 2001;
    for (const { queue } of [two, three]) await queue.heartbeat();
    at += 1;
    await pass(two, two, three);
    assert.deepEqual([a.news.at(-1), b.news.at(-1)], ["found room-P2-0", "found room-P2-0"]);
    assert.equal(await two.pool.entryOf("c"), null, "the entry of its own client is removed");
    assert.deepEqual(
      two.events.filter(({ kind }) => kind === "left").map(({ player }) => player),
      ["c"],
    );
  });

  it("restores the entries of a process that was considered dead while it was paused, with their original times", async () => {
    const [one, two] = [await start("P1"), await start("P2")];
    const c = await enter(one, "c");
    at += 2000;
    await two.queue.heartbeat();
    const watch = new ProcessWatch({
      ...{ pool: two.pool, parties: two.parties, processId: "P2", log: noLog },
      isAlive: async () => false,
      forget: async () => {},
      close: (match) => two.matchHost.close(match),
      restoreParty: async () => {},
    });
    await watch.check();
    await watch.stop();
    await one.queue.heartbeat();
    assert.deepEqual(one.losses, ["forgotten"]);
    await pass(two);
    const status = await one.pool.status(c.entryId);
    assert.equal(status !== null && status.state !== "ended" && status.entry.enteredAt, at - 2000);
    await one.queue.heartbeat();
    assert.deepEqual([one.losses, c.news], [["forgotten"], []]);
  });

  it("recreates a party that a stopping process left behind, once, with its waiting time", async () => {
    const [one, two, three] = [await start("P1"), await start("P2"), await start("P3")];
    const wait = { mode: "squad", strategy: "elo", region: "eu", since: at - 9000, players: ["x", "y"] } as const;
    const kept = { code: "ABCDEFGH", processId: "P1", leader: "x", kicked: [], wait: null };
    await one.parties.create(kept);
    await one.parties.save({ ...kept, processId: NO_PROCESS, wait });
    const restored: object[] = [];
    const watches = [two, three].map(
      ({ name, pool, parties, matchHost }) =>
        new ProcessWatch({
          ...{ pool, parties, processId: name, log: noLog },
          isAlive: async () => true,
          forget: async () => {},
          close: (match) => matchHost.close(match),
          async restoreParty(code, from) {
            const party = await parties.adopt(code, from, name);
            if (party === null) throw new Error("another process has adopted it");
            restored.push(party.wait!);
          },
        }),
    );
    for (let n = 0; n < 2; n++) await Promise.all(watches.map((watch) => watch.check()));
    await Promise.all(watches.map((watch) => watch.stop()));
    assert.deepEqual(restored, [wait]);
    assert.deepEqual([await one.parties.heldBy("P1"), await one.parties.heldBy(NO_PROCESS)], [[], []]);
  });

  it("removes an entry without a waiting client, even if a match was found for it", async () => {
    const one = await start("P1");
    await one.pool.enter({ ...duel, id: "ownerless", players: [player("a")], party: null, holder: "P1" });
    const b = await enter(one, "b");
    await pass(one, one);
    assert.deepEqual(b.news, ["found room-P1-0"]);
    await one.queue.heartbeat();
    assert.equal(b.news.at(-1), "returned");
    assert.equal(await one.pool.entryOf("a"), null);
    assert.equal(one.matchHost.closed.length, 1);
  });

  it("completes an interrupted restore at the next heartbeat, without the entries that have left the queue meanwhile", async () => {
    const one = await start("P1");
    const [a, b, c] = [await enter(one, "a"), await enter(one, "b"), await enter(one, "c")];
    await redis.unlink(...(await redis.keys(`${namespace}*`)));
    const enterPool = one.pool.enter.bind(one.pool);
    let calls = 0;
    one.pool.enter = async (entry) => {
      if (++calls === 2) throw new Error("Redis is unavailable");
      if (entry.id === c.entryId) await one.queue.leave(c.entryId);
      return enterPool(entry);
    };
    await one.queue.heartbeat();
    await one.queue.heartbeat();
    const waiting = [...(await one.pool.waiting("duel")).pools.values()].flat().map(({ id }) => id);
    assert.deepEqual(waiting.sort(), [a.entryId, b.entryId].sort());
    assert.equal(await one.pool.entryOf("c"), null);
  });

  it("enters all entries again with their original times when Redis has lost its data", async () => {
    const one = await start("P1");
    const a = await enter(one, "a", 1000);
    at += 30_000;
    await one.queue.heartbeat();
    const [b, c] = [await enter(one, "b"), await enter(one, "c")];
    await pass(one, one);
    assert.deepEqual(b.news, ["found room-P1-0"]);
    await redis.unlink(...(await redis.keys(`${namespace}*`)));
    await one.queue.heartbeat();
    assert.deepEqual([b.news.at(-1), c.news.at(-1), a.news], ["returned", "returned", []]);
    const status = await one.pool.status(a.entryId);
    assert.equal(status !== null && status.state !== "ended" && status.entry.enteredAt, at - 30_000);
    assert.deepEqual([...new Set(one.matchHost.closed.map(({ roomId }) => roomId))], ["room-P1-0"]);
    await pass(one, one);
    assert.equal(b.news.at(-1), "found room-P1-1");
  });
});
