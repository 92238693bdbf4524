/** What the whole program says to bad input of queue, parties and tickets: it is refused clearly, and harms nobody else. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { uniqueNamespace } from "../../tools/services/startServices.ts";
import { Program } from "../chaos/Program.ts";
import { until } from "../matchmaking/Fleet.ts";
import { useServices } from "../tools/services/useServices.ts";
import { QueueGuest, type Stay } from "./QueueGuest.ts";

const GAMES = path.join(import.meta.dirname, "../chaos/games.ts");
const CONFIRM_MS = 10_000;
const wish = { mode: "duel", strategy: "elo" };
const UNKNOWN_MODES = ["chess", "constructor", "__proto__", ""];
const forgeries: object[] = [
  { rating: 3000 },
  { band: 30 },
  { games: 900 },
  { playerId: "another" },
  { via: "ticket" },
];

for (const where of ["in memory", "in Redis"] as const) {
  describe(`bad input to a queue ${where}`, function () {
    this.timeout(120_000);
    const services = where === "in Redis" ? useServices("redis") : null;
    const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-bad-"));
    const people: QueueGuest[] = [];
    let program: Program;
    /** A test has left so many in the queue. */
    let left = 0;

    before(async () => {
      const env = {
        ...{ GAMES, LOG_LEVEL: "warn", TRUSTED_PROXIES: "loopback", TEST_MATCH_MS: "60000" },
        ...(services !== null && { REDIS_URL: services().env.REDIS_URL, NAMESPACE: uniqueNamespace() }),
      };
      program = await Program.start({ dataDir: folder, env });
      await program.untilReady();
    });
    afterEach("the pool is as it was", async () => {
      await Promise.all(people.splice(0).map((one) => one.leave()));
      await until(async () => (await waiting()) === left, "nobody else waits", 10_000);
    });
    after(async () => {
      await program?.stop();
      rmSync(folder, { recursive: true, force: true });
      assert.doesNotMatch(program?.output ?? "", /"level":[56]0/, "nothing failed inside");
    });

    async function waiting(): Promise<number> {
      const text = await (await fetch(`${program.url}/metrics`)).text();
      const values = [...text.matchAll(/^hypogeum_queue_waiting\{[^}]*\} (\d+)$/gm)].map(([, value]) => Number(value));
      assert(values.length > 0);
      return values.reduce((sum, value) => sum + value, 0);
    }

    let signedIn = 0;
    async function sign(): Promise<QueueGuest> {
      const one = await QueueGuest.signIn(program.url, `198.51.100.${++signedIn}`);
      people.push(one);
      return one;
    }
    const seated = (...stays: Stay[]) =>
      until(() => stays.every(({ seats }) => seats.length > 0), "everyone has a seat", 10_000);

    /** Two who have waited all the while meet now. */
    async function meet(one: [QueueGuest, Stay], other: [QueueGuest, Stay]): Promise<void> {
      await seated(one[1], other[1]);
      for (const [who, { seats, room }] of [one, other]) {
        await who.sit(seats.at(-1)!);
        room.send("confirm");
      }
      assert.deepEqual([await one[1].closed, await other[1].closed], [1000, 1000]);
      assert.equal(one[1].seats.at(-1)!.roomId, other[1].seats.at(-1)!.roomId);
    }

    it("refuses modes that are none and ratings of the client's making, and queues nobody for them", async () => {
      const [bad, good, other] = [await sign(), await sign(), await sign()];
      const stay = await good.queue(wish);
      const party = await bad.party();
      party.room.send("ready", true);
      for (const mode of UNKNOWN_MODES) {
        await assert.rejects(bad.queue({ ...wish, mode }), { code: 534 });
        const { status, body } = await bad.ask("POST", "", { ...wish, mode });
        assert.deepEqual([status, body.code], [400, "INPUT_INVALID"]);
        party.room.send("queue", { ...wish, mode });
      }
      for (const forged of forgeries) {
        await assert.rejects(bad.queue({ ...wish, ...forged }), { code: 533 });
        await assert.rejects(bad.client.joinOrCreate("arena", { mode: "duel", ...forged }), { code: 533 });
        const { status, body } = await bad.ask("POST", "", { ...wish, ...forged });
        assert.deepEqual([status, body.code], [400, "INPUT_INVALID"]);
        // Fewer at a time than a second allows.
        await delay(150);
        party.room.send("queue", { ...wish, ...forged });
      }
      const answers = [...UNKNOWN_MODES.map(() => 534), ...forgeries.map(() => 533)];
      await until(() => party.errors.length === answers.length, "every message is answered");
      assert.deepEqual([...party.errors].sort(), answers.sort());
      assert.equal(await waiting(), 1);
      await meet([good, stay], [other, await other.queue(wish)]);
    });

    it("lets nobody use another's party, ticket or queue", async () => {
      const [owner, member, thief, other] = [await sign(), await sign(), await sign(), await sign()];
      const party = await owner.party();
      const partyId = party.room.roomId;
      const joined = await member.party(partyId);
      for (const type of ["queue", "cancel"]) joined.room.send(type, wish);
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
        const { status, body } = await who.ask("POST", "", { ...wish, partyId: id });
        assert.deepEqual([status, body.code], answer);
      }
      const { body: ticket } = await other.ask("POST", "", wish);
      for (const method of ["GET", "DELETE"]) {
        const { status, body } = await thief.ask(method, `/${ticket.ticketId}`);
        assert.deepEqual([status, body.code], [404, "TICKET_UNKNOWN"]);
      }
      const queue = await owner.queue({ ...wish, mode: "ffa" });
      await assert.rejects(thief.client.joinById(queue.room.roomId, wish), { code: 561 });
      assert.equal((await other.ask("GET", `/${ticket.ticketId}`)).body.status, "queued");
      assert.equal(party.room.state.leader, owner.playerId);
      assert.deepEqual([party.room.connection.isOpen, joined.room.connection.isOpen], [true, true]);
      assert.equal((await other.ask("DELETE", `/${ticket.ticketId}`)).status, 200);
    });

    it("takes one confirmation from each, however often it is said, and none for somebody else", async () => {
      const [a, b] = [await sign(), await sign()];
      const [one, other] = [await a.queue(wish), await b.queue(wish)];
      one.room.send("confirm");
      await until(() => one.errors.length === 1, "there is nothing to confirm yet");
      await seated(one, other);
      const match = await a.sit(one.seats[0]);
      await assert.rejects(a.sit(one.seats[0]), /seat reservation expired|invalid/i, "a seat is taken once");
      for (let time = 0; time < 3; time++) one.room.send("confirm", { playerId: b.playerId });
      await delay(1500);
      assert.deepEqual([one.errors, one.told, other.errors], [[569], [], []]);
      assert.deepEqual([one.room.connection.isOpen, other.room.connection.isOpen], [true, true], "not on yet");
      await b.sit(other.seats[0]);
      other.room.send("confirm");
      assert.deepEqual([await one.closed, await other.closed], [1000, 1000]);
      assert.equal(match.state.players.size, 2);
      assert(match.connection.isOpen);
    });

    it("takes no confirmation after its time: who is late is out, the other plays somebody else", async () => {
      const [late, punctual, next] = [await sign(), await sign(), await sign()];
      const party = await late.party();
      party.room.send("ready", true);
      party.room.send("queue", wish);
      const stay = await punctual.queue(wish);
      await seated(party, stay);
      const seat = party.seats[0];
      const match = await punctual.sit(stay.seats[0]);
      const closed = new Promise((resolve) => match.onLeave((code) => resolve(code)));
      stay.room.send("confirm");
      await delay(CONFIRM_MS);
      party.room.send("confirm");
      await until(() => party.errors.length === 1 && party.told.length === 1, "who is late is told", 5000);
      assert.deepEqual([party.errors, party.told, await closed], [[569], ["expired"], 4110]);
      await assert.rejects(late.sit(seat));
      party.room.send("confirm");
      await until(() => party.errors.length === 2, "and told again");
      assert.deepEqual([party.errors, party.room.state.phase], [[569, 569], "idle"]);
      assert.deepEqual([stay.told, stay.room.connection.isOpen], [["returned"], true]);
      stay.seats.length = 0;
      await meet([punctual, stay], [next, await next.queue(wish)]);
    });

    it("closes the queue of one who confirms late with 4111", async () => {
      const [late, punctual] = [await sign(), await sign()];
      const [one, other] = [await late.queue(wish), await punctual.queue(wish)];
      await seated(one, other);
      other.room.send("confirm");
      await delay(CONFIRM_MS);
      if (one.room.connection.isOpen) one.room.send("confirm");
      assert.equal(await one.closed, 4111);
      assert(one.errors.every((code) => code === 569));
      await until(() => other.told.includes("returned"), "the other waits again");
      assert(other.room.connection.isOpen);
    });

    it("makes one ticket of a thousand from one player, by whatever addresses they come", async () => {
      const [greedy, a, b] = [await sign(), await sign(), await sign()];
      const first = await greedy.ask("POST", "", { ...wish, mode: "squad" });
      assert.equal(first.status, 201);
      const many = Array.from({ length: 1000 }, (_, at) => `203.0.113.${at % 100}`);
      const asked = many.map((address) => greedy.ask("POST", "", { ...wish, mode: "squad" }, address));
      const [one, other] = [await a.queue(wish), await b.queue(wish)];
      const kinds = new Map<string, number>();
      for (const { status, body } of await Promise.all(asked)) {
        const kind = `${status} ${body.code}`;
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        if (status === 409) assert.equal(body.ticketId, first.body.ticketId);
      }
      assert.deepEqual([...kinds.keys()].sort(), ["409 ALREADY_QUEUED", "429 TOO_MANY_REQUESTS"]);
      assert(kinds.get("409 ALREADY_QUEUED")! <= 60, "a player may ask so often a minute");
      await meet([a, one], [b, other]);
      assert.equal(await waiting(), 1);
      assert.equal((await greedy.ask("GET", `/${first.body.ticketId}`)).body.status, "queued");
      const own = await a.ask("POST", "", wish);
      assert.equal(own.status, 201, "others may still have theirs");
      assert.equal((await a.ask("DELETE", `/${own.body.ticketId}`)).status, 200);
      // For a minute the player may not even cancel.
      left = 1;
    });
  });
}
