/** Bad input to queue, parties and tickets of the whole program is refused clearly, and does not affect other players. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Program } from "../chaos/Program.ts";
import { until } from "../matchmaking/Fleet.ts";
import { useServices } from "../tools/services/useServices.ts";
import { type JoinedRoom, QueueGuest } from "./QueueGuest.ts";

const GAMES = path.join(import.meta.dirname, "../chaos/games.ts");
const CONFIRM_MS = 10_000;
const request = { mode: "duel", strategy: "elo" };
const UNKNOWN_MODES = ["chess", "constructor", "__proto__", ""];
const forgeries: object[] = [
  { rating: 3000 },
  { band: 30 },
  { games: 900 },
  { playerId: "another" },
  { via: "ticket" },
];

for (const where of ["in memory", "in Redis"] as const) {
  describe(`a queue ${where}, given bad input,`, function () {
    this.timeout(240_000);
    const services = where === "in Redis" ? useServices("redis") : null;
    const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-bad-"));
    const guests: QueueGuest[] = [];
    let program: Program;
    /** Number of entries that a test has left in the queue. */
    let left = 0;

    before(async () => {
      const env = {
        ...{ GAMES, LOG_LEVEL: "warn", TRUSTED_PROXIES: "loopback", TEST_MATCH_MS: "60000" },
        ...(services !== null && { REDIS_URL: services().env.REDIS_URL, NAMESPACE: services().namespace() }),
      };
      program = await Program.start({ dataDir: folder, env });
      await program.untilHealthy();
    });
    afterEach("no other entry waits", async () => {
      await Promise.all(guests.splice(0).map((one) => one.leave()));
      await until(async () => (await waiting()) === left, "no other entry waits", 10_000);
    });
    after(async () => {
      await program?.stop();
      rmSync(folder, { recursive: true, force: true });
      assert.doesNotMatch(program?.output ?? "", /"level":[56]0/, "no error was logged");
    });

    async function waiting(): Promise<number> {
      const text = await (await fetch(`${program.url}/metrics`)).text();
      const values = [...text.matchAll(/^hypogeum_queue_waiting\{[^}]*\} (\d+)$/gm)].map(([, value]) => Number(value));
      assert(values.length > 0);
      return values.reduce((sum, value) => sum + value, 0);
    }

    let signedIn = 0;
    async function signIn(): Promise<QueueGuest> {
      const one = await QueueGuest.signIn(program.url, `198.51.100.${++signedIn}`);
      guests.push(one);
      return one;
    }
    const seated = (...joinedRooms: JoinedRoom[]) =>
      until(() => joinedRooms.every(({ seats }) => seats.length > 0), "everyone has a seat", 10_000);

    /** Two players who were still waiting are matched now. */
    async function expectMatch(one: [QueueGuest, JoinedRoom], other: [QueueGuest, JoinedRoom]): Promise<void> {
      await seated(one[1], other[1]);
      for (const [who, { seats, room }] of [one, other]) {
        await who.takeSeat(seats.at(-1)!);
        room.send("confirm");
      }
      assert.deepEqual([await one[1].closed, await other[1].closed], [1000, 1000]);
      assert.equal(one[1].seats.at(-1)!.roomId, other[1].seats.at(-1)!.roomId);
    }

    it("refuses unknown modes and forged fields, and adds no entry for them", async () => {
      const [bad, good, other] = [await signIn(), await signIn(), await signIn()];
      const queued = await good.queue(request);
      const party = await bad.party();
      party.room.send("ready", true);
      for (const mode of UNKNOWN_MODES) {
        await assert.rejects(bad.queue({ ...request, mode }), { code: 534 });
        const { status, body } = await bad.ask("POST", "", { ...request, mode });
        assert.deepEqual([status, body.code], [400, "INPUT_INVALID"]);
        party.room.send("queue", { ...request, mode });
      }
      for (const forged of forgeries) {
        await assert.rejects(bad.queue({ ...request, ...forged }), { code: 533 });
        await assert.rejects(bad.client.joinOrCreate("arena", { mode: "duel", ...forged }), { code: 533 });
        const { status, body } = await bad.ask("POST", "", { ...request, ...forged });
        assert.deepEqual([status, body.code], [400, "INPUT_INVALID"]);
        // Stays below the limit of messages per second.
        await delay(150);
        party.room.send("queue", { ...request, ...forged });
      }
      const answers = [...UNKNOWN_MODES.map(() => 534), ...forgeries.map(() => 533)];
      await until(() => party.errors.length === answers.length, "every message is answered");
      assert.deepEqual([...party.errors].sort(), answers.sort());
      assert.equal(await waiting(), 1);
      await expectMatch([good, queued], [other, await other.queue(request)]);
    });

    it("does not let a player use another player's party, ticket or queue", async () => {
      const [owner, member, thief, other] = [await signIn(), await signIn(), await signIn(), await signIn()];
      const party = await owner.party();
      const partyId = party.room.roomId;
      const joined = await member.party(partyId);
      for (const type of ["queue", "cancel"]) joined.room.send(type, request);
      for (const type of ["kick", "leader"]) joined.room.send(type, { playerId: owner.playerId });
      joined.room.send("confirm");
      await until(() => joined.errors.length === 5, "every message is answered");
      assert.deepEqual([...joined.errors].sort(), [565, 565, 565, 565, 569]);
      for (const [who, id, answer] of [
        [member, partyId, [403, "NOT_LEADER"]],
        [thief, partyId, [403, "NOT_LEADER"]],
        [thief, "ZZZZZZZZ", [404, "PARTY_UNKNOWN"]],
        [thief, "zz", [400, "INPUT_INVALID"]],
      ] as const) {
        const { status, body } = await who.ask("POST", "", { ...request, partyId: id });
        assert.deepEqual([status, body.code], answer);
      }
      const { body: ticket } = await other.ask("POST", "", request);
      for (const method of ["GET", "DELETE"]) {
        const { status, body } = await thief.ask(method, `/${ticket.ticketId}`);
        assert.deepEqual([status, body.code], [404, "TICKET_UNKNOWN"]);
      }
      const queue = await owner.queue({ ...request, mode: "ffa" });
      await assert.rejects(thief.client.joinById(queue.room.roomId, request), { code: 561 });
      assert.equal((await other.ask("GET", `/${ticket.ticketId}`)).body.status, "queued");
      assert.equal(party.room.state.leader, owner.playerId);
      assert.deepEqual([party.room.connection.isOpen, joined.room.connection.isOpen], [true, true]);
      assert.equal((await other.ask("DELETE", `/${ticket.ticketId}`)).status, 200);
    });

    it("accepts one confirmation per player, however often it is sent, and none for another player", async () => {
      const [a, b] = [await signIn(), await signIn()];
      const [one, other] = [await a.queue(request), await b.queue(request)];
      one.room.send("confirm");
      await until(() => one.errors.length === 1, "there is nothing to confirm yet");
      await seated(one, other);
      const match = await a.takeSeat(one.seats[0]);
      await assert.rejects(a.takeSeat(one.seats[0]), /seat reservation expired|invalid/i, "a seat can be taken once");
      for (let time = 0; time < 3; time++) one.room.send("confirm", { playerId: b.playerId });
      await delay(1500);
      assert.deepEqual([one.errors, one.notices, other.errors], [[569], [], []]);
      assert.deepEqual(
        [one.room.connection.isOpen, other.room.connection.isOpen],
        [true, true],
        "both are still in the queue",
      );
      await b.takeSeat(other.seats[0]);
      other.room.send("confirm");
      assert.deepEqual([await one.closed, await other.closed], [1000, 1000]);
      assert.equal(match.state.players.size, 2);
      assert(match.connection.isOpen);
    });

    it("accepts no late confirmation: the late player leaves the queue, the other player is matched again", async () => {
      const [late, punctual, next] = [await signIn(), await signIn(), await signIn()];
      const party = await late.party();
      party.room.send("ready", true);
      party.room.send("queue", request);
      const queued = await punctual.queue(request);
      await seated(party, queued);
      const seat = party.seats[0];
      const match = await punctual.takeSeat(queued.seats[0]);
      const closed = new Promise((resolve) => match.onLeave((code) => resolve(code)));
      queued.room.send("confirm");
      await delay(CONFIRM_MS);
      party.room.send("confirm");
      await until(() => party.errors.length === 1 && party.notices.length === 1, "the late player is notified", 5000);
      assert.deepEqual([party.errors, party.notices, await closed], [[569], ["expired"], 4110]);
      await assert.rejects(late.takeSeat(seat));
      party.room.send("confirm");
      await until(() => party.errors.length === 2, "and notified again");
      assert.deepEqual([party.errors, party.room.state.phase], [[569, 569], "idle"]);
      assert.deepEqual([queued.notices, queued.room.connection.isOpen], [["returned"], true]);
      queued.seats.length = 0;
      await expectMatch([punctual, queued], [next, await next.queue(request)]);
    });

    it("closes the queue room of a player who confirms late with 4111", async () => {
      const [late, punctual] = [await signIn(), await signIn()];
      const [one, other] = [await late.queue(request), await punctual.queue(request)];
      await seated(one, other);
      other.room.send("confirm");
      await delay(CONFIRM_MS);
      if (one.room.connection.isOpen) one.room.send("confirm");
      assert.equal(await one.closed, 4111);
      assert(one.errors.every((code) => code === 569));
      await until(() => other.notices.includes("returned"), "the other waits again");
      assert(other.room.connection.isOpen);
    });

    it("creates one ticket for a thousand requests of one player, from any number of addresses", async () => {
      const [greedy, a, b] = [await signIn(), await signIn(), await signIn()];
      const first = await greedy.ask("POST", "", { ...request, mode: "squad" });
      assert.equal(first.status, 201);
      const many = Array.from({ length: 1000 }, (_, at) => `203.0.113.${at % 100}`);
      const asked = many.map((address) => greedy.ask("POST", "", { ...request, mode: "squad" }, address));
      const [one, other] = [await a.queue(request), await b.queue(request)];
      const kinds = new Map<string, number>();
      for (const { status, body } of await Promise.all(asked)) {
        const kind = `${status} ${body.code}`;
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        if (status === 409) assert.equal(body.ticketId, first.body.ticketId);
      }
      assert.deepEqual([...kinds.keys()].sort(), ["409 ALREADY_QUEUED", "429 TOO_MANY_REQUESTS"]);
      assert(kinds.get("409 ALREADY_QUEUED")! <= 60, "more than a player may send per minute");
      await expectMatch([a, one], [b, other]);
      assert.equal(await waiting(), 1);
      assert.equal((await greedy.ask("GET", `/${first.body.ticketId}`)).body.status, "queued");
      const own = await a.ask("POST", "", request);
      assert.equal(own.status, 201, "other players can still create a ticket");
      assert.equal((await a.ask("DELETE", `/${own.body.ticketId}`)).status, 200);
      // For a minute the player cannot even cancel it.
      left = 1;
    });
  });
}
