import assert from "node:assert/strict";
import { ticketAnswer, ticketRequest } from "../../schema/queueRequests.ts";
import { arena } from "../../src/arena/game.ts";
import { MemoryConduct } from "../../src/matchmaking/conduct/MemoryConduct.ts";
import { Pairer } from "../../src/matchmaking/pairing/Pairer.ts";
import { type TicketProblem, Tickets } from "../../src/matchmaking/Tickets.ts";
import { MemoryPool } from "../../src/matchmaking/waitingPool/MemoryPool.ts";
import { TICKET_MS, TICKET_SEAT_MS } from "../../src/matchmaking/waitingPool/Pool.ts";
import { FakeMatchHost, noLog } from "./FakeMatchHost.ts";

const request = { mode: "duel", strategy: "elo" } as const;
const person = (playerId: string, rating = 1500) => ({
  playerId,
  kind: "account" as const,
  name: null,
  rating,
  games: 3,
});
const problem = (code: string) => (error: TicketProblem) => error.code === code;

describe("tickets", () => {
  let at = 0;
  let pool: MemoryPool;
  let matchHost: FakeMatchHost;
  let tickets: Tickets;
  let pairer: Pairer;
  let events: string[];
  beforeEach(() => {
    at = 1_700_000_000_000;
    const now = () => at;
    pool = new MemoryPool(now);
    matchHost = new FakeMatchHost();
    events = [];
    const publish = ({ kind, player }: { kind: string; player: string }) => void events.push(`${kind} ${player}`);
    const deps = { game: arena, pool, conduct: new MemoryConduct([30], now), matchHost, publish, now };
    tickets = new Tickets({ ...deps, regions: ["eu"], queueParty: async () => null });
    pairer = new Pairer({ ...deps, owner: "A", log: noLog });
  });
  async function pass(): Promise<void> {
    await pairer.pass();
    await pairer.untilOpened();
  }

  it("are refused during a cooldown, which begins when a player cancels a ticket with a match, with the seconds that are left", async () => {
    const [a, b] = [await tickets.create(person("a"), request), await tickets.create(person("b"), request)];
    await pass();
    await tickets.cancel("a", a.ticketId);
    at += 10_000;
    await assert.rejects(
      tickets.create(person("a"), request),
      (error: TicketProblem) => error.code === "QUEUE_COOLDOWN" && error.retryAfterSeconds === 20,
    );
    assert.equal((await tickets.read("b", b.ticketId)).status, "queued");
    at += 20_000;
    assert.equal((await tickets.create(person("a"), request)).status, "queued");
  });

  it("are matched with a seat that is reserved for 30 s, and confirmed by taking the seat", async () => {
    const [a, b] = [await tickets.create(person("a"), request), await tickets.create(person("b"), request)];
    assert.deepEqual(a, { ticketId: a.ticketId, status: "queued" });
    await pass();
    const found = ticketAnswer.parse(await tickets.read("a", a.ticketId));
    assert.deepEqual([found.status, found.seat?.sessionId], ["matched", "session-a"]);
    assert.equal(found.seatExpiresAt, new Date(at + TICKET_SEAT_MS).toISOString());
    const { roomId } = found.seat!;
    await tickets.seatTaken("another room", "a");
    await tickets.seatTaken(roomId, "a");
    await tickets.seatTaken(roomId, "a");
    await tickets.seatTaken(roomId, "b");
    assert.equal((await tickets.read("a", a.ticketId)).status, "matched");
    assert.equal((await tickets.read("b", b.ticketId)).status, "matched");
    assert.equal(await pool.entryOf("a"), null);
    assert.deepEqual(events, ["entered a", "entered b", "matched a", "matched b", "confirmed a", "confirmed b"]);
  });

  it("answer as soon as the status changes, otherwise when the wait is over", async () => {
    const { ticketId } = await tickets.create(person("a"), request);
    assert.equal((await tickets.read("a", ticketId, 0.3)).status, "queued");
    const asked = tickets.read("a", ticketId, 20);
    await tickets.create(person("b"), request);
    await pass();
    assert.equal((await asked).status, "matched");
    const abort = new AbortController();
    const left = tickets.read("a", ticketId, 30, abort.signal);
    abort.abort();
    await left;
  });

  it("are limited to one per player, however many are requested", async () => {
    const { ticketId } = await tickets.create(person("a"), request);
    const refused = await Promise.allSettled(Array.from({ length: 1000 }, () => tickets.create(person("a"), request)));
    for (const one of refused) {
      assert.equal(one.status, "rejected");
      if (one.status === "rejected")
        assert.deepEqual([one.reason.code, one.reason.ticketId], ["ALREADY_QUEUED", ticketId]);
    }
    assert.deepEqual([...(await pool.sizes())], [["duel|elo|eu|1", 1]]);
  });

  it("are unknown to other players", async () => {
    const { ticketId } = await tickets.create(person("a"), request);
    await assert.rejects(tickets.read("b", ticketId), problem("TICKET_UNKNOWN"));
    await assert.rejects(tickets.cancel("b", ticketId), problem("TICKET_UNKNOWN"));
    await assert.rejects(tickets.read("a", "nothing"), problem("TICKET_UNKNOWN"));
    assert.equal((await tickets.read("a", ticketId)).status, "queued");
    await tickets.cancel("a", ticketId);
    await assert.rejects(tickets.read("b", ticketId), problem("TICKET_UNKNOWN"), "also after it has ended");
    await assert.rejects(tickets.cancel("b", ticketId), problem("TICKET_UNKNOWN"));
    assert.equal((await tickets.read("a", ticketId)).status, "cancelled");
  });

  it("are removed when the player is kicked, even if a match was found", async () => {
    assert.equal(await tickets.remove("a"), 0);
    const [a, b] = [await tickets.create(person("a"), request), await tickets.create(person("b"), request)];
    await pass();
    assert.deepEqual([await tickets.remove("a"), await tickets.remove("a")], [1, 0]);
    assert.equal((await tickets.read("a", a.ticketId)).status, "cancelled");
    assert.equal((await tickets.read("b", b.ticketId)).status, "queued");
    assert.equal(matchHost.closed.length, 1);
  });

  it("can be cancelled; a match that was found is then not played", async () => {
    const a = await tickets.create(person("a"), request);
    assert.equal((await tickets.cancel("a", a.ticketId)).status, "cancelled");
    assert.equal((await tickets.read("a", a.ticketId)).status, "cancelled");
    assert.equal((await tickets.cancel("a", a.ticketId)).status, "cancelled");
    const b = await tickets.create(person("b"), request);
    const c = await tickets.create(person("c"), request);
    await pass();
    await tickets.cancel("b", b.ticketId);
    assert.equal(matchHost.closed.length, 1);
    assert.equal((await tickets.read("c", c.ticketId)).status, "queued");
    assert.deepEqual(events.slice(-1), ["declined b"]);
  });

  it("expire if they are not requested or the seat is not taken", async () => {
    const a = await tickets.create(person("a"), request);
    at += TICKET_MS;
    await pass();
    assert.equal((await tickets.read("a", a.ticketId)).status, "expired");
    const [b, c] = [await tickets.create(person("b"), request), await tickets.create(person("c"), request)];
    await pass();
    await tickets.seatTaken((await tickets.read("c", c.ticketId)).seat!.roomId, "c");
    at += TICKET_SEAT_MS + 1;
    await pass();
    assert.equal((await tickets.read("b", b.ticketId)).status, "expired");
    assert.equal((await tickets.read("c", c.ticketId)).status, "queued");
    assert.equal(matchHost.closed.length, 1);
  });

  it("refuse unknown fields and values", async () => {
    for (const bad of [
      { ...request, rating: 3000 },
      { mode: "duel" },
      { ...request, strategy: "best" },
      { ...request, partyId: "x" },
    ])
      assert.equal(ticketRequest.safeParse(bad).success, false);
    await assert.rejects(tickets.create(person("a"), { ...request, mode: "chess" }), problem("MODE_UNKNOWN"));
    await assert.rejects(tickets.create(person("a"), { ...request, mode: "constructor" }), problem("MODE_UNKNOWN"));
    await assert.rejects(tickets.create(person("a"), { ...request, role: 99 }), problem("MODE_UNKNOWN"));
    await assert.rejects(tickets.create(person("a"), { ...request, partyId: "ABCDEFGH" }), problem("PARTY_UNKNOWN"));
  });
});
