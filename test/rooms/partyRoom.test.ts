import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { matchMaker } from "@colyseus/core";
import { NO_PROCESS } from "../../schema/partySnapshot.ts";
import { playerMessage } from "../../schema/playerEvents.ts";
import { queueRefusals } from "../../schema/queueCodes.ts";
import { PARTY_CODE } from "../../schema/queueRequests.ts";
import { arena } from "../../src/arena/game.ts";
import { defineGame } from "../../src/game/defineGame.ts";
import { TicketProblem } from "../../src/matchmaking/Tickets.ts";
import { CONFIRM_MS } from "../../src/matchmaking/waitingPool/Pool.ts";
import { Queued, QueueHost } from "./queueHost.ts";

/** Here a team of a squad can have only one medic. */
const oneMedic = defineGame({
  ...arena,
  modes: { ...arena.modes, squad: { ...arena.modes.squad, roleMax: [4, 4, 4, 1] } },
});
const MEDIC = 3;

describe("the party room", () => {
  let host: QueueHost;
  before(async () => {
    host = await new QueueHost(oneMedic).start();
  });
  afterEach(() => host.leaveAll());
  after(() => host.stop());

  async function create(playerId: string, options: object = {}): Promise<Queued> {
    const client = await host.client(playerId);
    return new Queued(client, host.keep(await client.create<any>("party", options)), host);
  }
  async function join(playerId: string, code: string, options: object = {}): Promise<Queued> {
    const client = await host.client(playerId);
    return new Queued(client, host.keep(await client.joinById<any>(code, options)), host);
  }
  async function send(by: Queued, type: string, message?: unknown): Promise<void> {
    by.room.send(type, message);
    await host.settle();
  }
  async function ready(...members: Queued[]): Promise<void> {
    for (const member of members) member.room.send("ready", true);
    await host.settle();
  }
  const names = ({ room }: Queued) => [...room.state.members.values()].map(({ playerId }: any) => playerId);

  it("has a code of 8 characters, which is the room's id, and a leader", async () => {
    const a = await create("a");
    const b = await join("b", a.room.roomId);
    await host.settle();
    assert.match(a.room.roomId, PARTY_CODE);
    assert.deepEqual([b.room.state.code, b.room.state.leader, names(b)], [a.room.roomId, "a", ["a", "b"]]);
  });

  it("keeps no token, neither of members nor in reservations, which other processes can read", async () => {
    const a = await create("a");
    const waiting = await host.client("waiting", 1600);
    await waiting.http.post(`/matchmake/joinById/${a.room.roomId}`, { body: {} });
    const room: any = matchMaker.getLocalRoomById(a.room.roomId);
    const reservations = Object.values<unknown[]>(room._reservedSeats).map(([options, auth]) => [options, auth]);
    const kept = JSON.stringify([reservations, [...room.clients].map(({ auth, userData }) => [auth, userData])]);
    for (const playerId of ["a", "waiting"]) assert.match(kept, new RegExp(`"playerId":"${playerId}"`));
    for (const token of ["a:1500", "waiting:1600"]) assert.ok(!kept.includes(token), kept);
  });

  it("enters the queue as one entry, is never split, and each member confirms in the party room", async () => {
    const a = await create("a");
    const b = await join("b", a.room.roomId);
    await ready(a, b);
    await send(a, "queue", { mode: "squad", strategy: "elo" });
    assert.equal(b.room.state.phase, "queued");
    const others = await Promise.all(["c", "d", "e", "f", "g", "h"].map((id) => host.enter(id, { mode: "squad" })));
    await host.pass();
    const all = [a, b, ...others];
    assert.equal(new Set(all.map(({ seats }) => seats[0].roomId)).size, 1);
    assert.equal(b.room.state.phase, "found");
    for (const one of all) await one.joinMatch();
    const seats = host.seatsOf(a.seats[0].roomId);
    assert.equal(new Set(Object.values(seats)).size, 8);
    assert.equal(Math.floor(seats.a / 4), Math.floor(seats.b / 4), "of one team");
    for (const one of all) await one.confirm();
    await host.pass();
    assert.deepEqual(a.messages, ["queueEnded"]);
    assert.equal(a.room.state.phase, "idle");
    assert.equal(a.room.connection.isOpen, true);
    assert.deepEqual(host.kinds("b"), ["entered", "matched", "confirmed"]);
    assert.equal(host.events.find(({ player }) => player === "b")?.party, a.room.roomId);
  });

  it("enters its members into the queue even if the process is at capacity, since they are already admitted", async () => {
    const a = await create("a");
    const b = await join("b", a.room.roomId);
    await ready(a, b);
    host.isBusy = true;
    try {
      await assert.rejects(join("c", a.room.roomId), /SERVER_BUSY/);
      await send(a, "queue", { mode: "squad", strategy: "elo" });
      assert.equal(b.room.state.phase, "queued");
    } finally {
      host.isBusy = false;
    }
  });

  it("lets only the leader enter the queue, kick a member and name another leader; enters only if all members are ready and fit into a team", async () => {
    const a = await create("a");
    const b = await join("b", a.room.roomId);
    const request = { mode: "squad", strategy: "elo" };
    await send(b, "queue", request);
    await send(b, "kick", { playerId: "a" });
    await send(b, "leader", { playerId: "b" });
    await send(b, "cancel");
    assert.deepEqual(b.errors, [565, 565, 565, 565]);
    await send(a, "queue", request);
    await send(a, "cancel");
    await ready(a, b);
    await send(a, "queue", { ...request, mode: "duel" });
    await send(a, "queue", { ...request, mode: "chess" });
    await send(a, "queue", { ...request, rating: 9000 });
    await send(a, "queue", { ...request, region: "us" });
    await send(a, "queue", "now");
    assert.deepEqual(a.errors, [566, 568, 567, 534, 533, 533, 533]);
    assert.equal(await host.pool.entryOf("a"), null);
  });

  it("cannot enter the queue if more members request the same role than one team allows", async () => {
    const a = await create("a", { role: MEDIC });
    const b = await join("b", a.room.roomId, { role: MEDIC });
    await ready(a, b);
    await send(a, "queue", { mode: "squad", strategy: "elo" });
    assert.deepEqual([a.errors, a.room.state.phase], [[573], "idle"]);
    const player = { playerId: "a", kind: "account" as const, name: null, rating: 1500, games: 3 };
    await ready(a, b);
    await assert.rejects(
      host.tickets.create(player, { mode: "squad", strategy: "elo", partyId: a.room.roomId }),
      (error: TicketProblem) => error.code === "PARTY_ROLES",
    );
    assert.equal(await host.pool.entryOf("a"), null);
    await b.room.leave();
    const c = await join("c", a.room.roomId, { role: 0 });
    await ready(a, c);
    await send(a, "queue", { mode: "squad", strategy: "elo" });
    assert.equal(a.room.state.phase, "queued");
  });

  it("tells its members who did not confirm; who did not may not queue for a while, and neither may the party", async () => {
    const a = await create("a");
    const b = await join("b", a.room.roomId);
    await ready(a, b);
    await send(a, "queue", { mode: "squad", strategy: "elo" });
    const others = await Promise.all(["c", "d", "e", "f", "g", "h"].map((id) => host.enter(id, { mode: "squad" })));
    await host.pass();
    for (const one of [a, ...others]) await one.confirm();
    host.forward(CONFIRM_MS + 1);
    await host.pass();
    assert.deepEqual([a.ended, b.ended], [[{ how: "expired", missing: ["b"] }], [{ how: "expired", missing: ["b"] }]]);
    await ready(a, b);
    await send(a, "queue", { mode: "squad", strategy: "elo" });
    assert.deepEqual(a.errors, [queueRefusals.QUEUE_COOLDOWN.code]);
    await b.room.leave();
    await ready(a);
    await send(a, "queue", { mode: "squad", strategy: "elo" });
    assert.equal(a.room.state.phase, "queued");
  });

  it("tells its members who left or cancelled the search", async () => {
    const a = await create("a");
    const b = await join("b", a.room.roomId);
    for (const cancel of [() => send(a, "cancel"), () => a.room.leave()]) {
      await ready(a, b);
      await send(a, "queue", { mode: "squad", strategy: "elo" });
      await cancel();
      await host.settle();
    }
    const cancelled = { how: "cancelled", missing: ["a"] };
    assert.deepEqual(b.ended, [cancelled, cancelled]);
    assert.deepEqual([b.room.state.phase, b.room.state.leader], ["idle", "b"]);
  });

  it("loses a member whom an operator removes, and then leaves the queue", async () => {
    const a = await create("a");
    const b = await join("b", a.room.roomId);
    await ready(a, b);
    await send(a, "queue", { mode: "squad", strategy: "elo" });
    const kick = (playerId: string) => matchMaker.remoteRoomCall(a.room.roomId, "kick" as never, [playerId, "banned"]);
    assert.deepEqual([await kick("nobody"), await kick("a")], [0, 1]);
    assert.equal(await a.closed, 4104);
    await host.settle();
    assert.deepEqual([names(b), b.room.state.leader, b.room.state.phase], [["b"], "b", "idle"]);
    assert.equal(await host.pool.entryOf("b"), null);
    assert.equal(await kick("b"), 1);
    assert.equal(await b.closed, 4104);
    await host.settle();
    assert.equal(await matchMaker.getRoomById(a.room.roomId), undefined);
  });

  it("continues a wait that its process had to end, once its players are together again", async () => {
    const since = host.now() - 60_000;
    const wait = { mode: "squad", strategy: "elo", region: "local", since, players: ["a", "b"] } as const;
    const kept = { code: "ABCDEFGJ", processId: NO_PROCESS, leader: "b", kicked: [], wait };
    await host.parties.create(kept);
    await matchMaker.createRoom("party", { restore: { code: kept.code, from: NO_PROCESS } });
    const a = await join("a", kept.code);
    await host.settle();
    assert.deepEqual([a.room.state.phase, await host.pool.entryOf("a")], ["idle", null]);
    await join("b", kept.code);
    await host.settle();
    assert.deepEqual([a.room.state.phase, a.room.state.waitingSince], ["queued", since]);
    const status = await host.pool.status((await host.pool.entryOf("a"))!);
    assert.equal(status !== null && status.state !== "ended" && status.entry.enteredAt, since);
  });

  it("does not continue the wait if another player has joined", async () => {
    const wait = { mode: "squad", strategy: "elo", region: "local", since: 0, players: ["a", "b"] } as const;
    await host.parties.create({ code: "ABCDEFGK", processId: NO_PROCESS, leader: "a", kicked: [], wait });
    await matchMaker.createRoom("party", { restore: { code: "ABCDEFGK", from: NO_PROCESS } });
    const a = await join("a", "ABCDEFGK");
    const c = await join("c", "ABCDEFGK");
    await c.room.leave();
    await join("b", "ABCDEFGK");
    await host.settle();
    assert.deepEqual([a.room.state.phase, await host.pool.entryOf("a")], ["idle", null]);
  });

  it("sends the invitations of its members, each at most once in 30 s, and refuses when there are too many", async () => {
    const a = await create("a");
    const b = await join("b", a.room.roomId);
    const partyId = a.room.roomId;
    await send(b, "invite", { playerId: "c" });
    await send(b, "invite", { playerId: "c" });
    await send(a, "invite", { playerId: "c" });
    await send(a, "invite", { playerId: 7 });
    await send(a, "invite", { playerId: "c", partyId: "ABCDEFGH" });
    assert.deepEqual(host.invited, [
      { to: "c", from: "b", partyId },
      { to: "c", from: "a", partyId },
    ]);
    assert.deepEqual([a.errors, b.errors], [[533, 533], [572]]);
    // Slowly enough for the limit of messages per second.
    for (let n = 0; n < 10; n++) {
      a.room.send("invite", { playerId: `other-${n}` });
      if (n % 4 === 3) await delay(1100);
    }
    await host.settle();
    assert.equal(host.invited.length, 11);
    assert.deepEqual(a.errors.slice(2), [572]);
  });

  it("removes a member whom the leader kicks, and then refuses this member", async () => {
    const a = await create("a");
    const b = await join("b", a.room.roomId);
    await send(a, "kick", { playerId: "b" });
    assert.equal(await b.closed, 4113);
    await assert.rejects(join("b", a.room.roomId), /PARTY_REFUSED/);
    assert.deepEqual(names(a), ["a"]);
  });

  it("records who formed, joined and left it, each once, and why", async () => {
    const a = await create("a");
    const code = a.room.roomId;
    const b = await join("b", code);
    const c = await join("c", code);
    const again = await join("c", code);
    await c.closed;
    const back = new Promise<void>((resolve) => b.room.onReconnect(resolve));
    (b.room.connection.transport as any).ws.close(4010);
    await back;
    await send(a, "kick", { playerId: "b" });
    await b.closed;
    await again.room.leave();
    await a.room.leave();
    await host.settle();
    while (host.playerEvents.at(-1)?.player !== "a") await delay(10);
    assert.deepEqual(host.storyOf("a"), [
      ...["party connected", `${code} party_formed`, "party disconnected left", `${code} party_left left`],
    ]);
    assert.deepEqual(host.storyOf("b"), [
      ...["party connected", `${code} party_joined`, "party disconnected dropped", "party connected"],
      ...[`${code} party_left party_kicked`, "party disconnected party_kicked"],
    ]);
    assert.deepEqual(host.storyOf("c"), [
      ...["party connected", `${code} party_joined`, "party disconnected queue_replaced", "party connected"],
      ...["party disconnected left", `${code} party_left left`],
    ]);
    for (const message of host.playerEvents) playerMessage.parse(message);
  });

  it("records why the leader removed a member, although the party closes at once", async () => {
    const a = await create("a");
    const b = await join("b", a.room.roomId);
    a.room.send("kick", { playerId: "b" });
    await Promise.all([a.room.leave(), b.closed]);
    await host.settle();
    while (!host.storyOf("a").includes("party disconnected left")) await delay(10);
    assert.deepEqual(host.storyOf("b").slice(2), [
      `${a.room.roomId} party_left party_kicked`,
      "party disconnected party_kicked",
    ]);
  });

  it("has another leader when the leader names another member or leaves", async () => {
    const a = await create("a");
    const b = await join("b", a.room.roomId);
    const c = await join("c", a.room.roomId);
    await send(a, "leader", { playerId: "b" });
    assert.equal(c.room.state.leader, "b");
    await b.room.leave();
    await host.settle();
    assert.equal(c.room.state.leader, "a");
  });

  it("leaves the queue when the leader cancels or a member leaves", async () => {
    const a = await create("a");
    const b = await join("b", a.room.roomId);
    for (const end of [() => send(a, "cancel"), () => b.room.leave()]) {
      await ready(a, b);
      await send(a, "queue", { mode: "squad", strategy: "random" });
      assert.notEqual(await host.pool.entryOf("a"), null);
      await end();
      await host.settle();
      assert.equal(await host.pool.entryOf("a"), null);
      assert.equal(a.room.state.phase, "idle");
    }
    assert.deepEqual(host.kinds("a"), ["entered", "left", "entered", "left"]);
  });

  it("admits no new member while it is queued, and its members can enter no other queue", async () => {
    const a = await create("a");
    await ready(a);
    await send(a, "queue", { mode: "squad", strategy: "elo" });
    await assert.rejects(join("c", a.room.roomId), /PARTY_QUEUED/);
    await assert.rejects(host.enter("a"), /ALREADY_QUEUED/);
    await send(a, "cancel");
    const b = await host.enter("b");
    const party = await create("b");
    await ready(party);
    await send(party, "queue", { mode: "duel", strategy: "elo" });
    assert.deepEqual(party.errors, [560]);
    assert.equal(b.room.connection.isOpen, true);
  });

  it("keeps a member whose connection drops", async () => {
    const a = await create("a");
    const b = await join("b", a.room.roomId);
    const back = new Promise((resolve) => b.room.onReconnect(() => resolve(null)));
    (b.room.connection.transport as any).ws.close(4010);
    await back;
    await host.settle();
    assert.deepEqual(names(a), ["a", "b"]);
    assert.equal(
      [...a.room.state.members.values()].every(({ connected }: any) => connected),
      true,
    );
  });

  it("is full when it is as large as the largest team of any mode", async () => {
    const a = await create("a");
    for (const id of ["b", "c", "d"]) await join(id, a.room.roomId);
    await assert.rejects(join("e", a.room.roomId));
  });

  it("can only be entered by `create` and `joinById`, and only be recreated by the server", async () => {
    const client = await host.client("a");
    await assert.rejects(client.joinOrCreate("party", {}), { code: 562 });
    await assert.rejects(client.create("party", { restore: { code: "AAAAAAAA", from: "x" } }), { code: 533 });
    await assert.rejects(client.joinById("AAAAAAAA", {}), { code: 522 });
  });

  it("is recreated with its code and leader when its process has died", async () => {
    await host.parties.create({ code: "ABCDEFGH", processId: "dead", leader: "b", kicked: ["x"], wait: null });
    const restore = { code: "ABCDEFGH", from: "dead" };
    await matchMaker.createRoom("party", { restore });
    await assert.rejects(matchMaker.createRoom("party", { restore }));
    await assert.rejects(join("x", "ABCDEFGH"), /PARTY_REFUSED/);
    const a = await join("a", "ABCDEFGH");
    const b = await join("b", "ABCDEFGH");
    await ready(a, b);
    await send(b, "queue", { mode: "squad", strategy: "elo" });
    assert.equal(a.room.state.phase, "queued");
  });

  it("enters the queue by a ticket of its leader; the leader confirms by joining the match", async () => {
    const a = await create("a");
    const b = await join("b", a.room.roomId);
    await ready(a, b);
    const request = { mode: "squad", strategy: "elo", partyId: a.room.roomId } as const;
    const player = (playerId: string) => ({ playerId, kind: "account" as const, name: null, rating: 1500, games: 3 });
    const refused = (code: string) => (error: Error) => error instanceof TicketProblem && error.code === code;
    await assert.rejects(host.tickets.create(player("b"), request), refused("NOT_LEADER"));
    await assert.rejects(host.tickets.create(player("stranger"), request), refused("NOT_LEADER"));
    await assert.rejects(
      host.tickets.create(player("a"), { ...request, partyId: "ZZZZZZZZ" }),
      refused("PARTY_UNKNOWN"),
    );
    const { ticketId } = await host.tickets.create(player("a"), request);
    await assert.rejects(host.tickets.read("b", ticketId), refused("TICKET_UNKNOWN"));
    const others = await Promise.all(["c", "d", "e", "f", "g", "h"].map((id) => host.enter(id, { mode: "squad" })));
    await host.pass();
    const { status, seat } = await host.tickets.read("a", ticketId);
    assert.deepEqual([status, seat?.roomId], ["matched", b.seats[0].roomId]);
    host.keep(await a.client.consumeSeatReservation<any>(seat as never));
    for (const one of [b, ...others]) await one.confirm();
    await host.settle();
    assert.equal((await host.tickets.read("a", ticketId)).status, "matched");
    assert.equal(await host.pool.entryOf("b"), null);
  });
});
