/** Spectators see a match as its players do, and change nothing in it: neither its seats nor its frames nor its end. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { matchMaker } from "@colyseus/core";
import type { Client, Room } from "@colyseus/sdk";
import { SPECTATORS_MAX } from "../../rooms/limits.ts";
import { newCode } from "../../rooms/roomCode.ts";
import { closeCodes, frameworkRefusals, type RefusalName, refusals } from "../../schema/codes.ts";
import { PARTY_CODE } from "../../schema/queueRequests.ts";
import { tag } from "../tag/tag.ts";
import { closed, Host, play, until } from "./Host.ts";

const INPUT = 19;
const pair = { mode: "pair" };
const spectate = { spectate: true };
const game = {
  ...tag,
  rules: { ...tag.rules, playMs: 600_000, reach: 200 },
  modes: {
    pair: { ...tag.modes.pair, waitMs: 600_000 },
    open: { ...tag.modes.pair, waitMs: 600_000, spectators: "anyone" as const },
    hidden: { ...tag.modes.pair, waitMs: 600_000, spectators: "none" as const },
  },
};

describe("spectators of a match", () => {
  const host = new Host();
  before(() => host.start({ games: [game] }));
  afterEach(() => host.leaveAll());
  after(() => host.stop());

  async function create(mode = "pair", client?: Client): Promise<Room<any, any>> {
    return host.keep(await (client ?? (await host.signedInClient())).create<any>("tag", { mode }));
  }
  async function enter(roomId: string, options: object = {}, client?: Client): Promise<Room<any, any>> {
    const room = host.keep(await (client ?? (await host.signedInClient())).joinById<any>(roomId, options));
    await until(room, () => true);
    return room;
  }
  const watch = (roomId: string, client?: Client) => enter(roomId, spectate, client);

  /** A private match of two players that is being played. */
  async function fullMatch(): Promise<Room<any, any>[]> {
    const own = await create();
    const other = await enter(own.roomId);
    await until(own, ({ phase }) => phase === "playing");
    return [own, other];
  }

  const isRefused = (name: RefusalName) => (error: any) => {
    assert.deepEqual([error.code, error.message.split(":")[0]], [refusals[name].code, name]);
    return true;
  };
  async function assertRefused(roomId: string, name: RefusalName, client?: Client): Promise<void> {
    await assert.rejects((client ?? (await host.signedInClient())).joinById(roomId, spectate), isRefused(name));
  }
  const eventually = async (condition: () => boolean) => {
    while (!condition()) await new Promise(setImmediate);
  };

  describe("of a private match", () => {
    it("enter with its code of 8 characters, which is its room id; a wrong code is an unknown room", async () => {
      const rooms = [await create(), await create()];
      for (const { roomId } of rooms) assert.match(roomId, PARTY_CODE);
      assert.notEqual(rooms[0].roomId, rooms[1].roomId);
      const spectator = await watch(rooms[0].roomId);
      assert.equal(spectator.roomId, rooms[0].roomId);
      const guest = await host.signedInClient();
      const wrong = { code: frameworkRefusals.MATCHMAKE_INVALID_ROOM_ID.code };
      for (const options of [spectate, {}]) await assert.rejects(guest.joinById("AAAAAAAA", options), wrong);
    });

    it("receive the same states and facts as its players, tick by tick, also in a full match", async () => {
      const [own, other] = await fullMatch();
      const spectator = await watch(own.roomId);
      const seen = [own, spectator].map((room) => {
        const ticks = new Map<number, string>();
        const facts = new Map<number, string>();
        room.onStateChange((state: any) => ticks.set(state.tick, JSON.stringify(state.toJSON())));
        room.onMessage("facts", (message: any) => facts.set(message.tick, JSON.stringify(message)));
        return { ticks, facts };
      });
      for (const [room, rival] of [
        [own, other],
        [other, own],
      ])
        play(room, (data, { players }) => {
          const [me, them] = [room, rival].map(({ sessionId }) => players.get(sessionId));
          Object.assign(data, { dx: Math.sign(them.x - me.x) * 127, dy: Math.sign(them.y - me.y) * 127 });
        });
      await until(spectator, () => seen.every(({ ticks, facts }) => ticks.size > 20 && facts.size > 1));
      for (const kind of ["ticks", "facts"] as const) {
        const [ofPlayer, ofSpectator] = seen.map((all) => all[kind]);
        const both = [...ofPlayer.keys()].filter((tick) => ofSpectator.has(tick));
        assert.ok(both.length >= ofPlayer.size - 2, kind);
        assert.deepEqual(
          both.map((tick) => ofSpectator.get(tick)),
          both.map((tick) => ofPlayer.get(tick)),
        );
      }
    });

    it("are in no event of the match and in no count of players, and end no wait for players", async () => {
      const own = await create();
      const local = host.local(own);
      const { ccu } = matchMaker.stats.local;
      const spectator = await watch(own.roomId);
      await until(own, ({ tick }) => tick > 10);
      assert.deepEqual([matchMaker.stats.local.ccu, local._listing.clients, local.locked], [ccu, 1, false]);
      assert.deepEqual([own.state.phase, spectator.state.phase, own.state.players.size], ["waiting", "waiting", 1]);
      await spectator.leave();
      await eventually(() => local.clients.length === 1);
      assert.deepEqual([matchMaker.stats.local.ccu, local._listing.clients, local.locked], [ccu, 1, false]);
      const kinds = host.match(own).records.flatMap(({ matchEvents }) => matchEvents.map(({ kind }) => kind));
      assert.deepEqual(kinds, ["created", "joined"]);
    });

    it("fill no seat: a player enters a match that has all the spectators it may have, and it is full only then", async () => {
      const own = await create();
      const local = host.local(own);
      const spectators = [];
      for (let n = 0; n < SPECTATORS_MAX; n++) spectators.push(await watch(own.roomId));
      await assertRefused(own.roomId, "SPECTATORS_FULL");
      assert.equal(local.locked, false);
      const other = await enter(own.roomId);
      await until(other, ({ players }) => players.size === 2);
      assert.deepEqual([local.locked, local._listing.clients, local.clients.length], [true, 2, SPECTATORS_MAX + 2]);
      await spectators[0].leave();
      await eventually(() => local.clients.length === SPECTATORS_MAX + 1 && local.locked);
      await assert.rejects((await host.signedInClient()).joinById(own.roomId), {
        code: frameworkRefusals.MATCHMAKE_INVALID_ROOM_ID.code,
      });
      await watch(own.roomId);
      await other.leave();
      await eventually(() => !local.locked && local._listing.clients === 1);
    });

    it("keep their place for a reconnection, which takes no seat either", async () => {
      const own = await create();
      const local = host.local(own);
      const spectator = await watch(own.roomId);
      const back = new Promise<void>((resolve) => spectator.onReconnect(resolve));
      local.clients.get(spectator.sessionId).ref.terminate();
      await eventually(() => local.clients.length === 1);
      assert.equal(local.spectators.countSeats(), 1);
      await back;
      const { tick } = spectator.state;
      await until(spectator, (state) => state.tick > tick + 5);
      assert.deepEqual([local.clients.length, local.spectators.countSeats(), local._listing.clients], [2, 1, 1]);
    });

    it("lose a reserved place that they do not take in time", async () => {
      const own = await create();
      const local = host.local(own);
      const reserve = (playerId: string) => local.reserveSpectator({ spectate: true }, { playerId });
      local.seatReservationTimeout = 0.01;
      const places = Array.from({ length: SPECTATORS_MAX }, (_, n) => reserve(`p${n}`));
      assert.deepEqual(reserve("late"), { refusal: "SPECTATORS_FULL" });
      await eventually(() => places.every(({ sessionId }) => !local.hasReservedSeat(sessionId)));
      const { sessionId } = reserve("late");
      assert.equal(local.hasReservedSeat(sessionId), true);
      await eventually(() => !local.hasReservedSeat(sessionId));
    });

    it("are one for each player: to watch again replaces the earlier connection, and to play ends the watching", async () => {
      const own = await create();
      const client = await host.signedInClient();
      const first = await watch(own.roomId, client);
      const ends = [closed(first)];
      const second = await watch(own.roomId, client);
      ends.push(closed(second));
      await enter(own.roomId, {}, client);
      for (const end of ends) assert.equal((await end).code, closeCodes.REPLACED.code);
      await assertRefused(own.roomId, "ALREADY_SEATED", client);
      assert.equal(host.local(own).clients.length, 2);
    });

    it("see its end, which comes when its last player has left, and cannot enter it any more", async () => {
      const [own, other] = await fullMatch();
      const spectator = await watch(own.roomId);
      await own.leave();
      await other.leave();
      await until(spectator, ({ phase }) => phase === "ended");
      const { matchEvents } = host.match(own).records.at(-1)!;
      assert.deepEqual(
        matchEvents.map(({ kind, reason }: any) => [kind, reason]),
        [["ended", "abandoned"]],
      );
      await assertRefused(own.roomId, "MATCH_ENDED");
      const end = closed(spectator);
      const local = host.local(own);
      local.closesAtStep = local.steps + 1;
      assert.equal((await end).code, closeCodes.MATCH_ABANDONED.code);
      assert.equal(host.local(own), undefined);
    });

    it("are removed by an operator as players are", async () => {
      const own = await create();
      const client = await host.signedInClient();
      const { id } = ((await client.auth.getUserData()) as any).user;
      const spectator = await watch(own.roomId, client);
      const end = closed(spectator);
      const local = host.local(own);
      assert.equal(local.kick(id, "kicked"), 1);
      assert.deepEqual(await end, { code: closeCodes.KICKED.code, reason: "kicked" });
      await eventually(() => local.clients.length === 1);
      assert.equal(local.kick(id, "kicked"), 0);
    });

    it("cannot watch it before a player has a seat", async () => {
      const client = await host.signedInClient();
      const { data } = await client.http.post("/matchmake/create/tag" as never, { body: pair } as never);
      await assertRefused((data as any).roomId, "SPECTATORS_REFUSED");
    });
  });

  describe("of other matches", () => {
    it("are refused unless the mode allows anyone", async () => {
      await assertRefused((await host.join("tag", pair)).roomId, "SPECTATORS_REFUSED");
      await assertRefused((await host.join("tag", { mode: "hidden" })).roomId, "SPECTATORS_REFUSED");
      await assertRefused((await create("hidden")).roomId, "SPECTATORS_REFUSED");
      const open = await host.join("tag", { mode: "open" });
      const spectator = await watch(open.roomId);
      await host.join("tag", { mode: "open" });
      await until(spectator, ({ phase, players }) => phase === "playing" && players.size === 2);
    });

    it("do not change which match joinOrCreate finds", async () => {
      const open = await host.join("tag", { mode: "open" });
      for (let n = 0; n < 3; n++) await watch(open.roomId);
      assert.equal((await host.join("tag", { mode: "open" })).roomId, open.roomId);
      assert.notEqual((await host.join("tag", { mode: "open" })).roomId, open.roomId);
    });
  });

  describe("who are hostile", () => {
    const sendRaw = (room: Room<any, any>, bytes: number[]): void =>
      (room.connection as any).transport.ws.send(Uint8Array.from(bytes));

    it("are refused with a flag that is not a boolean, without a token, and by other methods", async () => {
      const own = await create();
      const client = await host.signedInClient();
      for (const flag of ["true", 1, {}, [], null])
        await assert.rejects(client.joinById(own.roomId, { spectate: flag }), isRefused("OPTIONS_INVALID"));
      for (const method of ["joinOrCreate", "create", "join"] as const)
        await assert.rejects(client[method]("tag", { ...pair, ...spectate }), isRefused("OPTIONS_INVALID"));
      await assert.rejects(client.joinById(own.roomId, { ...spectate, mode: "open" }), isRefused("OPTIONS_INVALID"));
      await assert.rejects(client.joinById(own.roomId, { ...spectate, rulesVersion: "1" }), isRefused("RULES_TOO_OLD"));
      await assertRefused(own.roomId, "TOKEN_MISSING", await host.newClient());
      const player = await enter(own.roomId, { spectate: false }, client);
      await until(player, ({ players }) => players.has(player.sessionId));
    });

    it("guess at most 60 codes a minute", async () => {
      const client = await host.signedInClient();
      const codes: number[] = [];
      for (let n = 0; n < 61; n++)
        await client.joinById(newCode(), n % 2 === 0 ? spectate : {}).catch(({ code }: any) => codes.push(code));
      const unknown = frameworkRefusals.MATCHMAKE_INVALID_ROOM_ID.code;
      assert.deepEqual(codes, [...Array(60).fill(unknown), refusals.TOO_MANY_REQUESTS.code]);
    });

    it("send frames that nobody reads", async () => {
      const [own] = await fullMatch();
      const spectator = await watch(own.roomId);
      play(spectator, (data) => Object.assign(data, { dx: 127, dy: 127 }));
      for (const bytes of [[], [INPUT], [INPUT, 0x7f, 1, 2, 3], [INPUT | 0x80], [INPUT + 1, 1, 2]])
        sendRaw(spectator, bytes);
      const { tick } = own.state;
      await until(spectator, (state) => state.tick > tick + 20);
      for (const { frames } of host.match(own).records.slice(-20)) {
        assert.deepEqual([...frames!.values.slice(0, 2)], [0, 0]);
        assert.deepEqual([...frames!.values.slice(3, 5)], [0, 0]);
      }
    });

    it("and flood the room lose their connection, and the match continues", async () => {
      const own = await create();
      const spectator = await watch(own.roomId);
      spectator.reconnection.enabled = false;
      const end = closed(spectator);
      for (let n = 0; n < 1000; n++) sendRaw(spectator, [INPUT]);
      assert.equal((await end).code, closeCodes.WITH_ERROR.code);
      const { tick } = own.state;
      await until(own, (state) => state.tick > tick + 5);
    });

    it("and are a thousand get only the places of spectators, of which one player takes only one", async () => {
      const own = await create();
      const request = async (token: string) => {
        const answer = await fetch(`${host.url}/matchmake/joinById/${own.roomId}`, {
          method: "POST",
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          body: JSON.stringify(spectate),
        });
        await answer.arrayBuffer();
        return answer.status;
      };
      const sign = () => host.running.tokens.sign({ playerId: randomUUID(), kind: "anonymous" });
      const greedy = await sign();
      for (let n = 0; n < 30; n++) assert.equal(await request(greedy), 200);
      const statuses = await Promise.all(Array.from({ length: 1000 }, async () => request(await sign())));
      const accepted = statuses.filter((status) => status === 200);
      assert.equal(accepted.length, SPECTATORS_MAX - 1);
      assert.deepEqual(new Set(statuses), new Set([200, refusals.SPECTATORS_FULL.code]));
      const other = await enter(own.roomId);
      await until(other, ({ players }) => players.size === 2);
    });
  });
});

describe("spectators of a server that stops", () => {
  it("are disconnected with the players", async () => {
    const host = await new Host().start({ games: [game] });
    const own = host.keep(await (await host.signedInClient()).create<any>("tag", pair));
    const spectator = host.keep(await (await host.signedInClient()).joinById<any>(own.roomId, spectate));
    const ends = [closed(own), closed(spectator)];
    await host.running.stop();
    for (const end of ends) assert.equal((await end).code, closeCodes.SERVER_SHUTDOWN.code);
    await host.stop();
  });
});
