/** The tests that every implementation of `Pool` must pass. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  CONFIRM_MS,
  HOLDER_MS,
  LEASE_MS,
  type Lease,
  LeaseLost,
  type NewEntry,
  type Pool,
  SEATING_MS,
  TICKET_SEAT_MS,
  ticketHolder,
} from "../../src/matchmaking/waitingPool/Pool.ts";
import { alone, duel, matchFor, type PoolUnderTest, player } from "./poolEntries.ts";
import { poolCommands } from "./poolModel.ts";

/** @param createPool creates a pool that has never been used, and its clock. */
export function describePool(createPool: () => PoolUnderTest): void {
  let harness: PoolUnderTest;
  let pool: Pool;
  beforeEach(async () => {
    harness = createPool();
    pool = harness.pool;
    for (const holder of ["P1", "P2"]) await pool.registerHolder(holder, HOLDER_MS);
  });

  async function enterAndSeat(...entries: NewEntry[]): Promise<Lease> {
    for (const entry of entries) await pool.enter(entry);
    const lease = (await pool.lease("duel", "P1"))!;
    const ids = entries.map(({ id }) => id);
    assert.equal(await pool.claim(lease, "F", ids), true);
    const players = entries.flatMap((entry) => entry.players.map(({ playerId }) => playerId));
    assert.equal(await pool.seat(lease, "F", matchFor("F", ...players)), true);
    return lease;
  }
  const newsOf = async (holder: string) =>
    ((await pool.heartbeat(holder, 0, HOLDER_MS)) ?? []).map(({ kind, entryId }) => `${kind} ${entryId}`);
  const stateOf = async (entryId: string) => {
    const status = await pool.status(entryId);
    return status?.state === "ended" ? status.how : (status?.state ?? null);
  };
  const waitingIds = async () => [...(await pool.waiting("duel")).pools.values()].flat().map(({ id }) => id);

  it("returns waiting entries by pool, oldest first, and unchanged", async () => {
    await pool.enter(alone("b"));
    harness.wait(5);
    await pool.enter(alone("a", { players: [player("a", { rating: 1777, role: 2 })] }));
    await pool.enter(alone("c", { region: "us" }));
    const { now, pools } = await pool.waiting("duel");
    assert.equal(now, harness.now());
    assert.deepEqual([...pools.keys()].sort(), ["duel|elo|eu|1", "duel|elo|us|1"]);
    const [b, a] = pools.get("duel|elo|eu|1")!;
    assert.deepEqual([b.id, a.id, a.players[0].rating, a.players[0].role], ["entry-b", "entry-a", 1777, 2]);
    assert.equal(a.enteredAt - b.enteredAt, 5);
    assert.deepEqual((await pool.waiting("squad")).pools.size, 0);
  });

  it("keeps each player in one entry at most: entering again takes over the entry, or replaces it if the options differ", async () => {
    const first = (await pool.enter(alone("a"))).entry!;
    harness.wait(1000);
    const again = (await pool.enter(alone("a", { id: "other", holder: "P2" }))).entry!;
    assert.deepEqual([again.id, again.enteredAt, again.holder], ["entry-a", first.enteredAt, "P2"]);
    assert.deepEqual(await newsOf("P1"), ["replaced entry-a"]);
    assert.deepEqual(await waitingIds(), ["entry-a"]);
    const moved = (await pool.enter(alone("a", { id: "third", strategy: "random" }))).entry!;
    assert.equal(moved.id, "third");
    assert.deepEqual(await waitingIds(), ["third"]);
  });

  it("never replaces the entry of a party or a ticket", async () => {
    await pool.enter(alone("a", { id: "party", party: "CODE", players: [player("a"), player("b")] }));
    assert.deepEqual((await pool.enter(alone("b"))).conflict, { entryId: "party", playerId: "b" });
    await pool.enter(alone("c", { id: "t1", holder: ticketHolder("t1") }));
    for (let i = 0; i < 20; i++)
      assert.deepEqual(
        (await pool.enter(alone("c", { id: `t${i + 2}`, holder: ticketHolder(`t${i + 2}`) }))).conflict,
        {
          entryId: "t1",
          playerId: "c",
        },
      );
    assert.equal((await waitingIds()).length, 2);
    assert.equal(await pool.entryOf("a"), "party");
  });

  it("notifies all holders of a found match, and removes its entries once all have confirmed", async () => {
    await enterAndSeat(alone("a"), alone("b", { holder: "P2" }));
    const [news] = (await pool.heartbeat("P2", 0, HOLDER_MS))!;
    assert.equal(news.kind, "found");
    if (news.kind !== "found") return;
    assert.deepEqual(news.match, matchFor("F", "a", "b"));
    assert.equal(news.confirmBy, harness.now() + CONFIRM_MS);
    assert.deepEqual(await pool.heartbeat("P2", news.seq, HOLDER_MS), []);
    assert.equal((await pool.confirm("F", "a")).how, "confirmed");
    assert.equal((await pool.confirm("F", "a")).how, "again");
    assert.equal(await stateOf("entry-a"), "seated");
    assert.equal((await pool.confirm("F", "b")).how, "confirmed");
    assert.equal(await stateOf("entry-a"), "confirmed");
    assert.equal(await pool.entryOf("a"), null);
    assert.deepEqual(await newsOf("P1"), ["found entry-a", "gone entry-a"]);
    assert.equal((await pool.confirm("F", "b")).how, "unknown");
  });

  it("confirms only the player's own match", async () => {
    await enterAndSeat(alone("a"), alone("b"));
    await pool.enter(alone("c"));
    assert.equal((await pool.confirm("F", "c")).how, "unknown");
    assert.equal((await pool.confirm("F", "nobody")).how, "unknown");
    assert.equal((await pool.confirm("other", "a")).how, "unknown");
  });

  it("removes entries that are not confirmed in time; the other entries of the match wait again with their original times", async () => {
    const lease = await enterAndSeat(alone("a"), alone("b"));
    await pool.enter(alone("later"));
    await pool.confirm("F", "a");
    harness.wait(CONFIRM_MS);
    await pool.registerHolder("P1", HOLDER_MS);
    assert.deepEqual((await pool.sweep(lease)).dissolved, []);
    harness.wait(1);
    assert.equal((await pool.confirm("F", "b")).how, "late");
    const [dissolved] = (await pool.sweep(lease)).dissolved;
    assert.deepEqual([dissolved.match?.roomId, dissolved.dropped.map(({ id }) => id)], ["room-F", ["entry-b"]]);
    assert.deepEqual(await waitingIds(), ["entry-a", "entry-later"]);
    assert.equal(await stateOf("entry-b"), "expired");
    assert.equal(await pool.entryOf("b"), null);
    assert.deepEqual((await newsOf("P1")).slice(2), ["returned entry-a", "gone entry-b"]);
    assert.deepEqual((await pool.sweep(lease)).dissolved, []);
  });

  it("dissolves the match when an entry leaves, unless all its players have confirmed", async () => {
    await enterAndSeat(alone("a"), alone("b"));
    await pool.confirm("F", "a");
    assert.equal((await pool.leave("entry-a")).how, "kept");
    const left = await pool.leave("entry-b");
    assert.equal(left.how, "declined");
    if (left.how === "declined") assert.deepEqual(left.dissolved.match?.roomId, "room-F");
    assert.deepEqual(await waitingIds(), ["entry-a"]);
    assert.equal((await pool.leave("entry-a")).how, "cancelled");
    assert.equal((await pool.leave("entry-a")).how, "unknown");
  });

  it("claims all entries of a match or none", async () => {
    for (const id of ["a", "b", "c"]) await pool.enter(alone(id));
    const lease = (await pool.lease("duel", "P1"))!;
    await pool.leave("entry-b");
    assert.equal(await pool.claim(lease, "F", ["entry-a", "entry-b"]), false);
    assert.equal(await pool.claim(lease, "F", ["entry-a", "entry-c"]), true);
    assert.equal(await pool.claim(lease, "G", ["entry-a"]), false);
    assert.deepEqual(await waitingIds(), []);
    await pool.unclaim(lease, "F");
    assert.deepEqual(await waitingIds(), ["entry-a", "entry-c"]);
    assert.equal(await pool.seat(lease, "F", matchFor("F", "a", "c")), false);
  });

  it("rejects writes of a pairing process that has lost its lease", async () => {
    for (const id of ["a", "b"]) await pool.enter(alone(id));
    const old = (await pool.lease("duel", "P1"))!;
    assert.equal(await pool.claim(old, "F", ["entry-a", "entry-b"]), true);
    assert.equal(await pool.lease("duel", "P2"), null);
    harness.wait(LEASE_MS);
    const next = (await pool.lease("duel", "P2"))!;
    assert.ok(next.token > old.token);
    await assert.rejects(pool.seat(old, "F", matchFor("F", "a", "b")), LeaseLost);
    await assert.rejects(pool.claim(old, "G", []), LeaseLost);
    await assert.rejects(pool.unclaim(old, "F"), LeaseLost);
    await assert.rejects(pool.sweep(old), LeaseLost);
    await pool.release(old);
    assert.equal(await pool.lease("duel", "P1"), null);
    // The match that the old process has claimed can no longer be seated.
    assert.equal((await pool.sweep(next)).dissolved.length, 1);
    assert.deepEqual(await waitingIds(), ["entry-a", "entry-b"]);
  });

  it("lets a pairing process seat its claimed matches if it renews its lease late, but before another process takes the lease", async () => {
    for (const id of ["a", "b"]) await pool.enter(alone(id));
    const lease = (await pool.lease("duel", "P1"))!;
    assert.equal(await pool.claim(lease, "F", ["entry-a", "entry-b"]), true);
    harness.wait(LEASE_MS + 1);
    assert.equal((await pool.lease("duel", "P1"))!.token, lease.token);
    assert.equal((await pool.sweep(lease)).dissolved.length, 0);
    assert.equal(await pool.seat(lease, "F", matchFor("F", "a", "b")), true);
  });

  it("dissolves a claimed match if reserving its seats takes too long; its entries wait again", async () => {
    for (const id of ["a", "b"]) await pool.enter(alone(id));
    const lease = (await pool.lease("duel", "P1"))!;
    assert.equal(await pool.claim(lease, "F", ["entry-a", "entry-b"]), true);
    harness.wait(SEATING_MS + 1);
    for (const holder of ["P1", "P2"]) await pool.registerHolder(holder, HOLDER_MS);
    assert.equal((await pool.sweep((await pool.lease("duel", "P1"))!)).dissolved.length, 1);
    assert.deepEqual(await waitingIds(), ["entry-a", "entry-b"]);
    assert.equal(await pool.seat(lease, "F", matchFor("F", "a", "b")), false);
  });

  it("reports whether a process pairs a mode", async () => {
    assert.equal(await pool.hasPairingProcess("squad"), false);
    const lease = await pool.lease("squad", "A");
    assert.deepEqual([await pool.hasPairingProcess("squad"), await pool.hasPairingProcess("duel")], [true, false]);
    harness.wait(LEASE_MS);
    assert.equal(await pool.hasPairingProcess("squad"), false);
    await pool.lease("squad", "A");
    await pool.release((await pool.lease("squad", "A")) ?? lease!);
    assert.equal(await pool.hasPairingProcess("squad"), false);
  });

  it("gives a released lease to another process immediately", async () => {
    const lease = (await pool.lease("duel", "P1"))!;
    assert.equal((await pool.lease("duel", "P1"))!.token, lease.token);
    await pool.release(lease);
    const next = (await pool.lease("duel", "P2"))!;
    assert.ok(next.token > lease.token);
    await pool.release(next);
    assert.ok((await pool.lease("duel", "P2"))!.token > next.token);
  });

  it("removes the entries of a holder without heartbeats, and answers its next heartbeat with null", async () => {
    await pool.enter(alone("a"));
    await pool.enter(alone("b", { holder: "P2" }));
    harness.wait(HOLDER_MS - 1);
    await pool.heartbeat("P2", 0, HOLDER_MS);
    harness.wait(1);
    const lease = (await pool.lease("duel", "P2"))!;
    assert.deepEqual(
      (await pool.sweep(lease)).lost.map(({ id }) => id),
      ["entry-a"],
    );
    assert.deepEqual(await waitingIds(), ["entry-b"]);
    assert.equal(await pool.heartbeat("P1", 0, HOLDER_MS), null);
  });

  it("answers a late heartbeat with null even before a sweep", async () => {
    await pool.registerHolder("P1", HOLDER_MS);
    harness.wait(HOLDER_MS);
    assert.equal(await pool.heartbeat("P1", 0, HOLDER_MS), null);
    await pool.registerHolder("P1", HOLDER_MS);
    assert.deepEqual(await pool.heartbeat("P1", 0, HOLDER_MS), []);
  });

  it("dissolves the matches of a dead process without removing an entry", async () => {
    await enterAndSeat(alone("a", { holder: "P2" }), alone("b", { holder: "P2" }));
    await pool.confirm("F", "a");
    assert.equal((await pool.dissolveMatchesOn("P9")).length, 0);
    const [dissolved] = await pool.dissolveMatchesOn("P1");
    assert.deepEqual(dissolved.dropped, []);
    assert.deepEqual(await waitingIds(), ["entry-a", "entry-b"]);
  });

  it("gives tickets more time to confirm, and remembers how they ended", async () => {
    const holder = ticketHolder("t");
    const lease = await enterAndSeat(
      alone("a"),
      alone("t", { id: "t", holder, players: [player("t", { via: "ticket" })] }),
    );
    await pool.confirm("F", "a");
    harness.wait(CONFIRM_MS + 1);
    for (const one of ["P1", "P2"]) await pool.heartbeat(one, 0, HOLDER_MS);
    await pool.heartbeat(holder, 0, 60_000);
    assert.deepEqual((await pool.sweep(lease)).dissolved, []);
    harness.wait(TICKET_SEAT_MS);
    for (const one of ["P1", "P2"]) await pool.registerHolder(one, HOLDER_MS);
    assert.equal((await pool.sweep(lease)).dissolved.length, 1);
    assert.deepEqual(await pool.status("t"), { state: "ended", how: "expired", readers: ["t"] });
    assert.equal(await pool.status("nobody"), null);
  });

  it("remembers recent opponents", async () => {
    await enterAndSeat(alone("a"), alone("b"));
    for (const id of ["a", "b"]) await pool.confirm("F", id);
    assert.deepEqual((await pool.enter(alone("a"))).entry?.recent, ["b"]);
  });

  it("counts waiting players and averages recent waits", async () => {
    assert.deepEqual(await pool.figures(duel), { waiting: 0, waitMs: null });
    await pool.enter(alone("a"));
    await pool.enter(alone("p", { players: [player("p"), player("q")], party: "CODE" }));
    assert.deepEqual(await pool.figures(duel), { waiting: 3, waitMs: null });
    assert.deepEqual([...(await pool.sizes())], [["duel|elo|eu|1", 3]]);
    harness.wait(4000);
    const lease = (await pool.lease("duel", "P1"))!;
    await pool.claim(lease, "F", ["entry-a", "entry-p"]);
    await pool.seat(lease, "F", matchFor("F", "a", "p", "q"));
    for (const id of ["a", "p", "q"]) await pool.confirm("F", id);
    assert.deepEqual(await pool.figures(duel), { waiting: 0, waitMs: 4000 });
  });

  it("keeps the entry time that the caller gives", async () => {
    await pool.enter(alone("a"));
    harness.wait(9000);
    const { entry } = await pool.enter(alone("b", { enteredAt: harness.now() - 20_000 }));
    assert.equal(entry?.enteredAt, harness.now() - 20_000);
    assert.deepEqual(await waitingIds(), ["entry-b", "entry-a"]);
  });

  it("agrees with a model for any sequence of operations (model)", async () => {
    await fc.assert(
      fc.asyncProperty(poolCommands, async (commands) => {
        const unused = createPool();
        await fc.asyncModelRun(
          () => ({ model: { entries: new Map(), found: new Map(), holders: new Map(), seq: 0 }, real: unused }),
          commands,
        );
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
}
