import assert from "node:assert/strict";
import type { Client, Room } from "@colyseus/sdk";
import { closeCodes, refusals } from "../../schema/codes.ts";
import { tag } from "../tag/tag.ts";
import { closed, Host, play, until } from "./Host.ts";
import { quickArena } from "./quickArena.ts";

const host = new Host();
const pair = { mode: "pair" };
const duel = { mode: "duel" };
const longTag = {
  ...tag,
  rules: { ...tag.rules, playMs: 600_000 },
  modes: { ...tag.modes, pair: { ...tag.modes.pair, waitMs: 600_000 } },
};

const playing = (room: Room<any, any>): Promise<void> => until(room, (state) => state.phase === "playing");

/** Two players in a running match. */
async function fullMatch(game: string, options: Record<string, unknown>) {
  const clients = [await host.signedInClient(), await host.signedInClient()];
  const rooms = [await host.join(game, options, clients[0]), await host.join(game, options, clients[1])];
  assert.equal(rooms[0].roomId, rooms[1].roomId);
  await playing(rooms[0]);
  return { clients, rooms };
}

/** Breaks the connection as a crashed app does: without a close frame, and nobody reconnects. */
async function crash(room: Room<any, any>): Promise<void> {
  room.reconnection.enabled = false;
  const gone = closed(room);
  host.local(room).clients.get(room.sessionId).ref.terminate();
  await gone;
}

const seatEvents = (room: Room<any, any>): string[] =>
  host
    .match(room)
    .records.flatMap(({ matchEvents }) => matchEvents.map(({ kind }) => kind))
    .filter((kind) => kind === "joined" || kind === "left");

const seatOf = (room: Room<any, any>): number => host.local(room).match.seats.seatOf(room.sessionId);

/** Requests a seat without taking it. */
async function reserve(client: Client, game: string, body: object): Promise<any> {
  const { data } = await client.http.post(`/matchmake/joinOrCreate/${game}` as never, { body } as never);
  return data;
}

describe("joining again while seated", () => {
  before(() => host.start({ games: [quickArena({ timeLimitMs: 600_000 }), longTag] }, ["--regions", "local,a,b"]));
  afterEach(() => host.leaveAll());
  after(() => host.stop());

  it("a player whose app crashed gets the same seat, player id and score back at once", async () => {
    const { clients, rooms } = await fullMatch("arena", duel);
    const seat = seatOf(rooms[0]);
    host.local(rooms[0]).match.world.world.score[seat] = 7;
    const shown = ({ playerId, score, seat }: any) => ({ playerId, score, seat });
    const { sessionId } = rooms[0];
    await until(rooms[1], ({ players }) => players.get(sessionId).score === 7);
    const before = shown(rooms[1].state.players.get(sessionId));
    const events = seatEvents(rooms[0]);
    await crash(rooms[0]);
    const back = await host.join("arena", duel, clients[0]);
    assert.deepEqual([back.roomId, seatOf(back)], [rooms[0].roomId, seat]);
    await until(back, ({ players }) => players.has(back.sessionId));
    assert.deepEqual(shown(back.state.players.get(back.sessionId)), before);
    await until(rooms[1], ({ players }) => players.size === 2 && players.get(back.sessionId)?.score === 7);
    assert.deepEqual(seatEvents(back), events, "nobody has left or joined");
  });

  it("the connection that is still open closes with REPLACED, the SDK does not retry it, and the new one controls the player", async () => {
    const { clients, rooms } = await fullMatch("tag", pair);
    let drops = 0;
    rooms[0].onDrop(() => drops++);
    const end = closed(rooms[0]);
    const back = await host.join("tag", pair, clients[0]);
    assert.equal((await end).code, closeCodes.REPLACED.code);
    assert.equal(drops, 0);
    assert.equal(back.roomId, rooms[0].roomId);
    const seat = seatOf(back);
    play(back, (data) => Object.assign(data, { dx: 127, dy: 0 }));
    const { tick } = back.state;
    await until(back, (state) => state.tick > tick + 10);
    const { frames } = host.match(back).records.at(-1)!;
    assert.deepEqual([...frames!.values.slice(seat * 3, seat * 3 + 2)], [127, 0]);
    assert.deepEqual(
      [...host.local(back).clients].map(({ sessionId }: any) => sessionId).sort(),
      [back.sessionId, rooms[1].sessionId].sort(),
    );
  });

  it("an old connection that does not answer its close frame is out of the match at once", async () => {
    const { clients, rooms } = await fullMatch("tag", pair);
    const { sessionId } = rooms[0];
    const socket = host.local(rooms[0]).clients.get(sessionId).ref;
    // The close handshake never ends, as if the network had swallowed it.
    socket._socket.pause();
    const back = await host.join("tag", pair, clients[0]);
    assert.equal(host.local(back).clients.get(sessionId), undefined);
    assert.equal(host.local(back).clients.length, 2);
    socket.terminate();
  });

  it("a full match stays locked: a third player gets another one", async () => {
    const { clients, rooms } = await fullMatch("tag", pair);
    for (const crashed of [true, false]) {
      if (crashed) await crash(rooms[0]);
      const back = await host.join("tag", pair, clients[0]);
      await until(back, (state) => state.players.size === 2);
      assert.equal(host.local(back).locked, true);
      const [listing] = [host.local(back)._listing];
      assert.deepEqual([listing.clients, listing.locked], [2, true]);
    }
    const third = await host.join("tag", pair);
    assert.notEqual(third.roomId, rooms[0].roomId);
  });

  it("a seat that becomes free after a return is offered again", async () => {
    const { clients, rooms } = await fullMatch("tag", pair);
    const back = await host.join("tag", pair, clients[0]);
    await rooms[1].leave();
    await until(back, ({ players }) => [...players.values()].some(({ bot }: any) => bot));
    assert.equal((await host.join("tag", pair)).roomId, back.roomId);
  });

  it("another mode or game is refused with ALREADY_SEATED and the room id of the match", async () => {
    const client = await host.signedInClient();
    const room = await host.join("arena", duel, client);
    const refused = (error: any) => {
      assert.equal(error.code, refusals.ALREADY_SEATED.code);
      assert.match(error.message, /^ALREADY_SEATED: /);
      assert.ok(error.message.includes(room.roomId), error.message);
      return true;
    };
    await assert.rejects(client.joinOrCreate("arena", { mode: "ffa" }), refused);
    await assert.rejects(client.joinOrCreate("tag", pair), refused);
    assert.equal(room.connection.isOpen, true);
    await room.leave();
    assert.notEqual((await host.join("arena", { mode: "ffa" }, client)).roomId, room.roomId);
  });

  it("of several joins at once, the last to connect has the seat, and the others close with REPLACED", async () => {
    const client = await host.signedInClient();
    const [first] = [await host.join("tag", pair, client)];
    const seats = await Promise.all([1, 2, 3].map(() => reserve(client, "tag", pair)));
    assert.deepEqual(new Set(seats.map(({ roomId }) => roomId)), new Set([first.roomId]));
    const ends = [closed(first)];
    let last = first;
    for (const seat of seats) {
      last = host.keep(await client.consumeSeatReservation<any>(seat));
      ends.push(closed(last));
    }
    const codes = (await Promise.all(ends.slice(0, -1))).map(({ code }) => code);
    assert.deepEqual(codes, [4105, 4105, 4105]);
    assert.equal(seatOf(last), 0);
    assert.equal(host.local(last)._listing.clients, 1);
  });

  it("two first joins at once lead to one seat", async () => {
    const client = await host.signedInClient();
    const seats = await Promise.all([1, 2].map(() => reserve(client, "tag", pair)));
    assert.equal(seats[0].roomId, seats[1].roomId);
    const rooms = [];
    for (const seat of seats) rooms.push(host.keep(await client.consumeSeatReservation<any>(seat)));
    await until(rooms[1], (state) => state.players.size === 1);
    assert.deepEqual([seatOf(rooms[0]), seatOf(rooms[1])], [-1, 0]);
    assert.equal((await host.join("tag", pair)).roomId, rooms[1].roomId);
  });

  it("of seats in two matches, which a player got by joining both at once, only the one in the older match stays", async () => {
    const client = await host.signedInClient();
    const seats = [
      await reserve(client, "tag", { ...pair, region: "a" }),
      await reserve(client, "tag", { ...pair, region: "b" }),
    ];
    assert.notEqual(seats[0].roomId, seats[1].roomId);
    const younger = host.keep(await client.consumeSeatReservation<any>(seats[1]));
    const end = closed(younger);
    const older = host.keep(await client.consumeSeatReservation<any>(seats[0]));
    assert.equal((await end).code, closeCodes.REPLACED.code);
    assert.equal(seatOf(older), 0);
    assert.equal((await host.join("tag", { ...pair, region: "b" }, client)).roomId, older.roomId);
  });

  it("a return that nobody takes costs nothing", async () => {
    const { clients, rooms } = await fullMatch("tag", pair);
    const { roomId } = await reserve(clients[0], "tag", pair);
    assert.equal(roomId, rooms[0].roomId);
    const local = host.local(rooms[0]);
    assert.deepEqual([local.playerCount, local._listing.clients, local.locked], [2, 2, true]);
    await rooms[0].leave();
    await rooms[1].leave();
  });

  it("a seat that a bot got between the request and the connection is given back", async () => {
    const { clients, rooms } = await fullMatch("tag", pair);
    const seat = seatOf(rooms[0]);
    await crash(rooms[0]);
    const reserved = await reserve(clients[0], "tag", pair);
    const local = host.local(rooms[1]);
    local.timeouts.check(local.clients, local.steps + 20 * 20);
    await until(rooms[1], ({ players }) => [...players.values()].some(({ bot }: any) => bot));
    const back = host.keep(await clients[0].consumeSeatReservation<any>(reserved));
    await until(back, ({ players }) => [...players.values()].every(({ bot }: any) => !bot));
    assert.equal(seatOf(back), seat);
  });

  it("a player whose seat a bot has for good, or whose match has ended, joins another match", async () => {
    const { clients, rooms } = await fullMatch("arena", duel);
    await crash(rooms[0]);
    const local = host.local(rooms[1]);
    local.timeouts.check(local.clients, local.steps + 20 * 20);
    await until(rooms[1], (state) => state.phase === "ended");
    for (const client of clients) {
      const next = await host.join("arena", duel, client);
      assert.notEqual(next.roomId, rooms[0].roomId);
    }
  });

  it("`join` returns to the seat too", async () => {
    const { clients, rooms } = await fullMatch("tag", pair);
    const back = host.keep(await clients[0].join<any>("tag", pair));
    assert.equal(back.roomId, rooms[0].roomId);
  });

  it("`joinById` returns to a seat in a full private match, and refuses others as before", async () => {
    const [creator, guest] = [await host.signedInClient(), await host.signedInClient()];
    const own = host.keep(await creator.create<any>("tag", pair));
    const second = host.keep(await guest.joinById<any>(own.roomId));
    const end = closed(second);
    const back = host.keep(await guest.joinById<any>(own.roomId));
    assert.equal((await end).code, closeCodes.REPLACED.code);
    assert.equal(seatOf(back), 1);
    await assert.rejects((await host.signedInClient()).joinById(own.roomId), { code: 522 });
  });
});
