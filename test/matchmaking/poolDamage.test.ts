/** The pool and the queue after keys or fields of the pool were deleted: by an operator, or because Redis evicted them. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Redis } from "ioredis";
import { arena } from "../../src/arena/game.ts";
import { MemoryConduct } from "../../src/matchmaking/conduct/MemoryConduct.ts";
import { Queue } from "../../src/matchmaking/Queue.ts";
import type { QueueListener } from "../../src/matchmaking/RankedQueue.ts";
import { CONFIRM_MS, HOLDER_MS, SEATING_MS } from "../../src/matchmaking/waitingPool/Pool.ts";
import { RedisPool } from "../../src/matchmaking/waitingPool/RedisPool.ts";
import { useServices } from "../tools/services/useServices.ts";
import { FakeMatchHost } from "./FakeMatchHost.ts";
import { duel, matchFor, player } from "./poolEntries.ts";

/** Time between two passes of the pairing; shorter than the life of a holder. */
const STEP_MS = 3000;

/** What a player knows of the own entry. */
type Knows = "waits" | "found" | "gone";

describe("a waiting pool in Redis of which data was deleted", function () {
  this.timeout(600_000);
  const services = useServices("redis");
  let redis: Redis;
  before(() => {
    redis = new Redis(services().env.REDIS_URL);
  });
  after(() => redis.quit());

  class Harness {
    at = 1_700_000_000_000;
    readonly prefix: string;
    readonly pool: RedisPool;
    readonly queue: Queue;
    readonly knows = new Map<string, Knows>();
    /** Of a heartbeat, which only logs it. */
    #failure: unknown;
    readonly #entryIds = new Map<string, string>();

    constructor() {
      const namespace = services().namespace();
      this.prefix = `${namespace}{pool:${arena.name}}:`;
      const now = () => this.at;
      this.pool = new RedisPool(redis, namespace, arena, now);
      this.queue = new Queue({
        ...{ game: "arena", pool: this.pool, holder: "P1", now },
        log: { info() {}, warn: ({ err }: { err?: unknown }) => void (this.#failure ??= err) },
        ...{ matchHost: new FakeMatchHost(), publish() {}, conduct: new MemoryConduct([0]) },
      });
    }

    async enter(...who: string[]): Promise<void> {
      const listener: QueueListener = {
        found: () => void this.knows.set(who[0], "found"),
        returned: () => void this.knows.set(who[0], "waits"),
        gone: () => void this.knows.set(who[0], "gone"),
      };
      const party = who.length > 1 ? "CODE" : null;
      const entered = await this.queue.enter({ ...duel, party, players: who.map((id) => player(id)) }, listener);
      this.knows.set(who[0], "waits");
      this.#entryIds.set(who[0], entered!.entryId);
    }

    entryId = (who: string): string => this.#entryIds.get(who)!;

    /** Claims two entries for a match and, if `seated`, stores its seats. */
    async pair(one: string, two: string, seated: boolean): Promise<void> {
      const lease = (await this.pool.lease("duel", "P1"))!;
      const found = `found-${one}`;
      if (!(await this.pool.claim(lease, found, [this.entryId(one), this.entryId(two)]))) return;
      if (seated) await this.pool.seat(lease, found, matchFor(found, one, two));
    }

    /** Deletes a key, or a field or member of it. Returns its name. */
    async damage(pick: number, pickField: number, whole: boolean): Promise<string> {
      const keys = (await redis.keys(`${this.prefix}*`)).sort();
      const key = keys[pick % keys.length];
      const name = key.slice(this.prefix.length);
      const kind = await redis.type(key);
      if (whole || kind === "string" || kind === "list") {
        await redis.del(key);
        return name;
      }
      const fields =
        kind === "hash"
          ? await redis.hkeys(key)
          : kind === "set"
            ? await redis.smembers(key)
            : await redis.zrange(key, 0, -1);
      const field = fields.sort()[pickField % fields.length];
      if (kind === "hash") await redis.hdel(key, field);
      else if (kind === "set") await redis.srem(key, field);
      else await redis.zrem(key, field);
      return `${name} ${field}`;
    }

    /** Lets the process send heartbeats and pair, for `ms`. No call may fail. */
    async run(ms: number): Promise<void> {
      for (const end = this.at + ms; this.at < end; this.at += STEP_MS) {
        for (let beat = 0; beat < 4; beat++) await this.beat();
        // Null while the lease is nobody's, because its owner was deleted.
        const lease = await this.pool.lease("duel", "P1");
        if (lease === null) continue;
        await this.pool.sweep(lease);
        await this.pool.waiting("duel");
      }
    }

    async beat(): Promise<void> {
      await this.queue.heartbeat();
      if (this.#failure !== undefined) throw this.#failure;
    }

    /** Asserts that each player who knows of no end waits in the pool, and that exactly those are counted. */
    async assertWhole(): Promise<void> {
      const waiting = [...(await this.pool.waiting("duel")).pools.values()].flat();
      const ids = waiting.map(({ id }) => id).sort();
      const expected = [...this.knows].filter(([, knows]) => knows !== "gone").map(([who]) => this.entryId(who));
      assert.deepEqual(ids, expected.sort());
      const players = waiting.flatMap((entry) => entry.players.map(({ playerId }) => playerId));
      for (const { id, players: own } of waiting)
        for (const { playerId } of own) assert.equal(await this.pool.entryOf(playerId), id);
      assert.equal((await this.pool.figures(duel)).waiting, players.length);
      assert.deepEqual([...(await this.pool.sizes()).values()], players.length === 0 ? [] : [players.length]);
      for (const hash of ["claims", "found", "modes", "claimedAt", "matches", "seatedAt"])
        assert.equal(await redis.hlen(this.prefix + hash), 0, hash);
      for (const hash of ["entries", "entered", "holderOf", "recents"])
        assert.equal(await redis.hlen(this.prefix + hash), ids.length, hash);
    }
  }

  async function open(): Promise<Harness> {
    const harness = new Harness();
    await harness.pool.registerHolder("P1", HOLDER_MS);
    await harness.enter("a");
    await harness.enter("b");
    await harness.enter("c", "c2");
    await harness.enter("d");
    await harness.enter("e");
    return harness;
  }

  const recovered = 2 * HOLDER_MS + SEATING_MS + 2 * CONFIRM_MS;

  it("lets all players wait again or know of the end, and counts them correctly, whatever is deleted (property)", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean()), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        fc.subarray(["a", "b", "c", "d", "e"]),
        async (damages, seated, leaving) => {
          const harness = await open();
          await harness.pair("a", "b", seated);
          await harness.pair("d", "e", true);
          await harness.beat();
          const deleted: string[] = [];
          for (const [pick, field, whole] of damages) deleted.push(await harness.damage(pick, field, whole));
          harness.at += 1;
          try {
            for (const who of leaving) {
              await harness.queue.confirm(harness.entryId(who), who);
              if (who === "a" || who === "c") {
                harness.knows.set(who, "gone");
                await harness.queue.leave(harness.entryId(who));
              }
            }
            await harness.run(recovered);
            await harness.assertWhole();
          } catch (error) {
            throw new Error(`deleted ${deleted.join(", ")}: ${(error as Error).stack}`);
          }
        },
      ),
      { numRuns: 100, endOnFailure: true },
    );
  });

  it("enters an entry again with its original time after its content was deleted", async () => {
    const harness = await open();
    const id = harness.entryId("a");
    const entered = harness.at;
    harness.at += 1000;
    await redis.hdel(`${harness.prefix}entries`, id);
    await harness.run(3 * STEP_MS);
    const waiting = [...(await harness.pool.waiting("duel")).pools.values()].flat();
    assert.equal(waiting.find((entry) => entry.id === id)?.enteredAt, entered);
    assert.equal((await harness.pool.figures(duel)).waiting, 6);
  });

  it("answers that a ticket is unknown after its content was deleted, and lets its player enter again", async () => {
    const { pool, prefix } = await open();
    const ticket = { ...duel, id: "t", party: null, players: [player("t", { via: "ticket" })], holder: "ticket:t" };
    await pool.enter(ticket);
    await redis.hdel(`${prefix}entries`, "t");
    assert.equal(await pool.status("t"), null);
    const again = await pool.enter({ ...ticket, id: "t2", holder: "ticket:t2" });
    assert.equal(again.entry?.id, "t2");
  });
});
