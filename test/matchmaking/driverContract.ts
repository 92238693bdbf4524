/** The contract of every driver of room listings. For queries without a band, Colyseus's `LocalDriver` is the reference. */
import assert from "node:assert/strict";
import { type IRoomCache, initializeRoomCache, LocalDriver, type MatchMakerDriver } from "@colyseus/core";
import fc from "fast-check";
import type { SeatedListing, SeatQueries } from "../../src/matchmaking/roomDriver/roomIndex.ts";

export interface DriverUnderTest {
  readonly driver: MatchMakerDriver & SeatQueries;
  /** Moves the clock that the driver reads. */
  wait(ms: number): void;
  now(): number;
}

const arena = { name: "arena", locked: false, private: false, mode: "duel", region: "eu", rulesVersion: "1" };

export function listing(over: Partial<SeatedListing>): SeatedListing {
  return initializeRoomCache({ name: "arena", roomId: "r", processId: "p", maxClients: 2, ...over });
}

const filters = (band: number, over = {}) => ({ mode: "duel", region: "eu", rulesVersion: "1", band, ...over });

const ids = fc.constantFrom("a", "b", "c", "d", "e", "f");
const condition = fc.record(
  {
    name: fc.constantFrom("arena", "queue"),
    locked: fc.boolean(),
    private: fc.boolean(),
    processId: fc.constantFrom("p1", "p2"),
    mode: fc.constantFrom("duel", "squad"),
    clients: fc.integer({ min: 0, max: 2 }),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const room = fc.record({
  name: fc.constantFrom("arena", "queue"),
  processId: fc.constantFrom("p1", "p2"),
  locked: fc.boolean(),
  private: fc.boolean(),
  clients: fc.integer({ min: 0, max: 2 }),
  metadata: fc.option(fc.record({ mode: fc.constantFrom("duel", "squad"), band: fc.integer({ min: 0, max: 3 }) }), {
    nil: undefined,
  }),
});
const step = fc.oneof(
  fc.record({ do: fc.constantFrom("insert" as const, "persist" as const, "put" as const), id: ids, room }),
  fc.record({ do: fc.constant("remove" as const), id: ids }),
  fc.record({ do: fc.constant("cleanup" as const), processId: fc.constantFrom("p1", "p2") }),
  fc.record({
    do: fc.constant("update" as const),
    id: ids,
    $set: fc.record({ locked: fc.boolean(), private: fc.boolean(), maxClients: fc.integer({ min: 1, max: 9 }) }),
    by: fc.integer({ min: -1, max: 1 }),
  }),
);

const byId = (a: IRoomCache, b: IRoomCache) => (a.roomId < b.roomId ? -1 : 1);
const plain = (rooms: readonly (IRoomCache | undefined)[]) =>
  rooms
    .filter((one) => one !== undefined)
    .sort(byId)
    .map((one) => JSON.parse(JSON.stringify(one)));

/** @param createDriver creates a driver without rooms, and its clock. */
export function describeDriver(createDriver: () => DriverUnderTest): void {
  it("answers queries without a band as the framework's own driver does (property)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), condition, async (steps, asked) => {
        const { driver } = createDriver();
        const reference = new LocalDriver();
        for (const one of steps) await apply(driver, reference, one);
        assert.deepEqual(plain(await driver.query(asked)), plain(await reference.query(asked)));
        const sort = { clients: -1, roomId: 1 } as const;
        assert.deepEqual(
          (await driver.query(asked, sort)).map(({ roomId }) => roomId),
          (await reference.query(asked, sort)).map(({ roomId }) => roomId),
        );
        assert.equal((await driver.findOne(asked, sort))?.roomId, (await reference.findOne(asked, sort))?.roomId);
        const wanted = ["a", "c", "nobody"];
        const [found, expected] = [await driver.findByIds(wanted), await reference.findByIds(wanted)];
        assert.deepEqual(plain([...found.values()]), plain([...expected.values()]));
        for (const id of wanted) {
          assert.equal(await driver.has(id), await reference.has(id));
          assert.deepEqual(
            plain([await driver.findOne({ roomId: id })]),
            plain([await reference.findOne({ roomId: id })]),
          );
        }
        await driver.clear();
      }),
      { numRuns: 25 },
    );
  });

  it("lets only one of several inserts with the same id succeed", async () => {
    const { driver } = createDriver();
    const wins = await Promise.all(
      Array.from({ length: 8 }, (_, i) => driver.insert!(listing({ processId: `p${i}` }))),
    );
    assert.equal(wins.filter((won) => won).length, 1);
    const { processId } = await driver.findOne({ roomId: "r" });
    assert.equal(processId, `p${wins.indexOf(true)}`);
  });

  it("writes nothing for a room that has no id yet or has been removed", async () => {
    const { driver } = createDriver();
    const withoutId = listing({ roomId: undefined });
    await driver.update(withoutId, { $set: { locked: true } });
    assert.equal(withoutId.locked, true);
    const gone = listing({});
    await driver.insert!(gone);
    await driver.remove("r");
    await driver.update(gone, { $inc: { clients: 1 } });
    await driver.persist(gone);
    assert.equal((await driver.query({})).length, 0);
  });

  it("returns listings unchanged, including dates and a missing client limit", async () => {
    const { driver, now } = createDriver();
    const given = listing({
      maxClients: Number.POSITIVE_INFINITY,
      createdAt: new Date(now()),
      metadata: { mode: "duel" },
    });
    await driver.insert!(given);
    const found = await driver.findOne({ roomId: "r" });
    assert.deepEqual(
      [found.maxClients, found.createdAt, found.metadata],
      [given.maxClients, given.createdAt, given.metadata],
    );
  });

  describe("asked for the rooms of a player", () => {
    const seatedBy = (...seated: string[]): Partial<SeatedListing> => ({ seated });
    const roomsOf = async ({ driver }: DriverUnderTest, playerId: string) =>
      (await driver.roomsOf(playerId)).map(({ roomId }) => roomId);

    it("returns those in which the player has a seat, oldest first, also if they are locked or private", async () => {
      const harness = createDriver();
      const { driver } = harness;
      const later = { createdAt: new Date(harness.now() + 1), locked: true };
      await driver.insert!(
        listing({ roomId: "b", createdAt: new Date(harness.now()), private: true, seated: ["p", "q"] }),
      );
      await driver.insert!(listing({ roomId: "a", ...later, seated: ["p"] }));
      await driver.insert!(listing({ roomId: "c", createdAt: new Date(harness.now()) }));
      assert.deepEqual(await roomsOf(harness, "p"), ["b", "a"]);
      assert.deepEqual(await roomsOf(harness, "q"), ["b"]);
      assert.deepEqual(await roomsOf(harness, "nobody"), []);
    });

    it("forgets a player who has left, and the players of a room that is removed or whose process has died", async () => {
      const harness = createDriver();
      const { driver } = harness;
      const rooms = ["a", "b", "c"].map((roomId) =>
        listing({ roomId, processId: roomId === "c" ? "dead" : "p", createdAt: new Date(0), metadata: filters(15) }),
      );
      for (const room of rooms) {
        await driver.insert!(room);
        await driver.update(room, { $set: seatedBy("p", "q") });
      }
      await driver.update(rooms[0], { $set: seatedBy("q") });
      assert.deepEqual(
        [await roomsOf(harness, "p"), await roomsOf(harness, "q")],
        [
          ["b", "c"],
          ["a", "b", "c"],
        ],
      );
      await driver.remove("b");
      await driver.cleanup!("dead");
      assert.deepEqual([await roomsOf(harness, "p"), await roomsOf(harness, "q")], [[], ["a"]]);
      await driver.remove("b");
      await driver.persist(rooms[1]);
      assert.deepEqual(await roomsOf(harness, "p"), []);
    });
  });

  describe("queried for an open room by band", () => {
    async function open(harness: DriverUnderTest, roomId: string, band: number, over: Partial<IRoomCache> = {}) {
      const room = listing({ roomId, createdAt: new Date(harness.now()), metadata: filters(band), ...over });
      await harness.driver.insert!(room);
      return room;
    }
    const findRoomId = async ({ driver }: DriverUnderTest, band: number, over = {}) =>
      ((await driver.findOne({ ...arena, band, ...over } as object)) as IRoomCache | undefined)?.roomId;

    it("returns the nearest room, and of two equally near rooms the older one", async () => {
      const harness = createDriver();
      await open(harness, "far", 14);
      harness.wait(1);
      await open(harness, "above", 17);
      harness.wait(1);
      await open(harness, "below", 15);
      harness.wait(60_000);
      assert.equal(await findRoomId(harness, 16), "above");
      assert.equal(await findRoomId(harness, 15), "below");
      assert.equal(await findRoomId(harness, 13), "far");
    });

    it("returns a room that is further away only some time after the room was created", async () => {
      const harness = createDriver();
      await open(harness, "r", 15);
      assert.equal(await findRoomId(harness, 16), "r");
      assert.equal(await findRoomId(harness, 18), undefined);
      harness.wait(4000);
      assert.equal(await findRoomId(harness, 18), "r");
      assert.equal(await findRoomId(harness, 19), undefined);
      harness.wait(3_600_000);
      assert.equal(await findRoomId(harness, 45), "r");
      assert.equal(await findRoomId(harness, 46), undefined);
    });

    it("distinguishes modes, regions, rules versions and names", async () => {
      const harness = createDriver();
      await open(harness, "r", 15);
      for (const other of [{ mode: "squad" }, { region: "us" }, { rulesVersion: "2" }, { name: "tag" }])
        assert.equal(await findRoomId(harness, 15, other), undefined);
    });

    it("returns no room that is locked, private or removed, and returns it again once it is open", async () => {
      const harness = createDriver();
      const room = await open(harness, "r", 15);
      await harness.driver.update(room, { $inc: { clients: 1 }, $set: { locked: true } });
      assert.equal(await findRoomId(harness, 15), undefined);
      await harness.driver.update(room, { $set: { locked: false } });
      assert.equal(await findRoomId(harness, 15), "r");
      await harness.driver.update(room, { $set: { metadata: { mode: "duel" } } });
      assert.equal(await findRoomId(harness, 15), undefined);
      await harness.driver.update(room, { $set: { metadata: filters(12) } });
      assert.equal(await findRoomId(harness, 12), "r");
      await harness.driver.cleanup!("p");
      assert.equal(await findRoomId(harness, 12), undefined);
    });
  });
}

async function apply(
  driver: MatchMakerDriver,
  reference: LocalDriver,
  one: typeof step extends fc.Arbitrary<infer T> ? T : never,
) {
  if (one.do === "remove") {
    assert.equal(await driver.remove(one.id), await reference.remove(one.id));
  } else if (one.do === "cleanup") {
    await driver.cleanup!(one.processId);
    await reference.cleanup(one.processId);
  } else if (one.do === "update") {
    const operations = { $set: { ...one.$set }, $inc: { clients: one.by } };
    for (const each of [driver, reference]) {
      const known = await each.findOne({ roomId: one.id });
      if (known !== undefined) await each.update(known, operations);
    }
  } else {
    const make = () => listing({ roomId: one.id, createdAt: new Date(0), ...structuredClone({ ...one.room }) });
    if (one.do === "insert") assert.equal(await driver.insert!(make()), await reference.insert(make()));
    // The reference would list a room twice.
    else if (one.do === "put" && !reference.has(one.id))
      for (const each of [driver, reference]) await each.persist(make(), true);
  }
}
