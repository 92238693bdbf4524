import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import type { QueueMessage } from "../../schema/queueEvents.ts";
import { BrokenUpMatches } from "../../src/matchmaking/conduct/BrokenUpMatches.ts";
import {
  admitToPool,
  type Conduct,
  cooldownAfter,
  PLACE_MS,
  QueueCooldown,
} from "../../src/matchmaking/conduct/Conduct.ts";
import { MemoryConduct } from "../../src/matchmaking/conduct/MemoryConduct.ts";
import { RedisConduct } from "../../src/matchmaking/conduct/RedisConduct.ts";
import { MemoryPool } from "../../src/matchmaking/waitingPool/MemoryPool.ts";
import type { Pool } from "../../src/matchmaking/waitingPool/Pool.ts";
import { RedisPool } from "../../src/matchmaking/waitingPool/RedisPool.ts";
import { useServices } from "../tools/services/useServices.ts";
import { duel, player } from "./poolEntries.ts";

const SECONDS = [30, 120, 600];
const game = { name: "arena", rules: { version: "1" } };

interface Harness {
  readonly conduct: Conduct;
  readonly pool: Pool;
  now(): number;
}

function describeConduct(create: () => Harness): void {
  it("a cooldown grows with each offence, and the last one repeats", async () => {
    const { conduct } = create();
    assert.equal(await conduct.cooldownMs(["a", "b"]), 0);
    for (const seconds of [30, 120, 600, 600]) {
      await conduct.addOffence("a");
      const ms = await conduct.cooldownMs(["b", "a"]);
      assert.ok(ms > (seconds - 10) * 1000 && ms <= seconds * 1000, `${ms} ms instead of ${seconds} s`);
    }
    assert.equal(await conduct.cooldownMs(["b"]), 0);
  });

  it("a kept place is used once, in its mode, and only if all players of the entry have one", async () => {
    const { conduct } = create();
    await conduct.keepPlace(["a", "b"], "duel", 1000);
    await conduct.keepPlace(["b"], "duel", 2000);
    assert.equal(await conduct.takePlace(["a"], "squad"), null);
    assert.equal(await conduct.takePlace(["a", "c"], "duel"), null);
    assert.equal(await conduct.takePlace(["a", "b"], "duel"), 2000);
    assert.equal(await conduct.takePlace(["a"], "duel"), null);
  });

  it("admits an entry with the time of a kept place, and refuses one with a player in a cooldown", async () => {
    const { conduct } = create();
    const entry = { ...duel, id: "e", holder: "h", party: null, players: [player("a")] };
    assert.deepEqual(await admitToPool(conduct, entry), entry);
    await conduct.keepPlace(["a"], "duel", 1000);
    assert.deepEqual(await admitToPool(conduct, entry), { ...entry, enteredAt: 1000 });
    await conduct.addOffence("a");
    await assert.rejects(admitToPool(conduct, entry), (error: any) => {
      assert.ok(error instanceof QueueCooldown && error.seconds > 20 && error.seconds <= 30);
      return true;
    });
  });

  describe("when a match breaks up", () => {
    const match = (mode = "duel") => ({
      game: "arena",
      matchId: "m",
      roomId: "room",
      mode,
      region: "eu",
      dodgers: ["a"],
    });
    const entryOf = (id: string, enteredAt: number) => ({
      ...{ id: `entry-${id}`, strategy: "elo" as const, party: null, enteredAt },
      players: [{ playerId: id, rating: 1500 }],
    });

    it("the dodger gets `dodged` and a cooldown, and the others keep their place", async () => {
      const { conduct, pool, now } = create();
      const published: QueueMessage[] = [];
      const publish = (message: QueueMessage) => void published.push(message);
      const broken = new BrokenUpMatches({ game: "arena", pool, conduct, publish, now });
      const since = now() - 9000;
      await broken.handle({ ...match(), queued: [entryOf("a", since), entryOf("b", since - 1000)] });
      assert.deepEqual(
        published.map(({ kind, player, matchId, waitMs }) => ({ kind, player, matchId, waited: waitMs >= 9000 })),
        [{ kind: "dodged", player: "a", matchId: "m", waited: true }],
      );
      assert.ok((await conduct.cooldownMs(["a"])) > 0);
      assert.equal(await conduct.cooldownMs(["b"]), 0);
      assert.equal(await conduct.takePlace(["a"], "duel"), null);
      assert.equal(await conduct.takePlace(["b"], "duel"), since - 1000);
    });

    it("a match that is not confirmed by all dissolves, although the dodger has confirmed it, and the others wait again", async () => {
      const { conduct, pool, now } = create();
      await pool.registerHolder("h", 60_000);
      for (const id of ["a", "b"])
        await pool.enter({ ...duel, id: `entry-${id}`, holder: "h", party: null, players: [player(id)] });
      const lease = (await pool.lease("duel", "P"))!;
      await pool.claim(lease, "F", ["entry-a", "entry-b"]);
      const seat = { name: "arena", sessionId: "s", roomId: "room", processId: "P" };
      await pool.seat(lease, "F", { matchId: "m", roomId: "room", processId: "P", seats: { a: seat, b: seat } });
      await pool.confirm("F", "a");
      const broken = new BrokenUpMatches({ game: "arena", pool, conduct, publish() {}, now });
      await broken.handle({ ...match(), queued: [entryOf("a", now()), entryOf("b", now())] });
      assert.equal((await pool.status("entry-a"))?.state, "ended");
      assert.equal((await pool.status("entry-b"))?.state, "waiting");
      assert.equal((await pool.confirm("F", "b")).how, "unknown");
    });
  });
}

describe("the conduct of players in memory", () => {
  let at = 1_700_000_000_000;
  const now = () => at;
  describeConduct(() => ({ conduct: new MemoryConduct(SECONDS, now), pool: new MemoryPool(now), now }));

  it("forgets cooldowns, places and offences when they expire", async () => {
    const conduct = new MemoryConduct(SECONDS, now);
    await conduct.addOffence("a");
    await conduct.keepPlace(["a"], "duel", 1);
    at += PLACE_MS;
    assert.deepEqual([await conduct.cooldownMs(["a"]), await conduct.takePlace(["a"], "duel")], [0, null]);
    at += 86_400_000;
    await conduct.addOffence("a");
    assert.equal(await conduct.cooldownMs(["a"]), 30_000);
  });

  it("has no cooldown for an offence whose cooldown is 0", () => {
    assert.deepEqual([cooldownAfter([0, 5], 1), cooldownAfter([0, 5], 2), cooldownAfter([0, 5], 9)], [0, 5000, 5000]);
  });
});

describe("the conduct of players in Redis", () => {
  const services = useServices("redis");
  let redis: Redis;
  before(() => {
    redis = new Redis(services().env.REDIS_URL);
  });
  after(() => redis.quit());

  describeConduct(() => {
    const namespace = services().namespace();
    return {
      conduct: new RedisConduct(redis, namespace, "arena", SECONDS),
      pool: new RedisPool(redis, namespace, game as never),
      now: Date.now,
    };
  });

  it("keeps nothing forever", async () => {
    const namespace = services().namespace();
    const conduct = new RedisConduct(redis, namespace, "arena", [1]);
    await conduct.addOffence("a");
    await conduct.keepPlace(["a"], "duel", 1);
    const keys = await redis.keys(`${namespace}*`);
    assert.equal(keys.length, 3);
    for (const key of keys) assert.ok((await redis.pttl(key)) > 0, key);
    while ((await conduct.cooldownMs(["a"])) > 0) await delay(50);
  });
});
