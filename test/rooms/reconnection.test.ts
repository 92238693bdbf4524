import assert from "node:assert/strict";
import { Client, type Room } from "@colyseus/sdk";
import { BOT, PERSON } from "../../src/game/Frames.ts";
import { tag } from "../tag/tag.ts";
import { closed, Host, play, until } from "./Host.ts";
import { quickArena } from "./quickArena.ts";

/** Breaks the connection without a close frame. */
function drop(room: Room<any, any>): void {
  const client = host.local(room).clients.get(room.sessionId);
  client.ref.terminate();
}

const host = new Host();
const longTag = {
  ...tag,
  rules: { ...tag.rules, playMs: 600_000 },
  modes: { ...tag.modes, pair: { ...tag.modes.pair, waitMs: 200 } },
};
const longArena = quickArena({ timeLimitMs: 600_000 });

const events = (room: Room<any, any>): any[] =>
  host.match(room).records.flatMap(({ tick, matchEvents }) => matchEvents.map((event) => ({ tick, ...event })));

function ticks(room: Room<any, any>, count: number): Promise<void> {
  const { tick } = room.state;
  return until(room, (state) => state.tick >= tick + count);
}

const playing = (room: Room<any, any>): Promise<void> => until(room, (state) => state.phase === "playing");

describe("leaving, reconnecting and being replaced", () => {
  before(() => host.start({ games: [longTag, longArena] }, ["--regions", "local,slow"]));
  afterEach(() => host.leaveAll());
  after(() => host.stop());

  it("a dropped player's character stands still until the SDK reconnects, and then the player controls it again", async () => {
    const room = await host.join("tag", { mode: "pair" });
    await playing(room);
    play(room, (data) => Object.assign(data, { dx: 127, dy: 0 }));
    await until(room, ({ tick }) => tick > 20);
    const back = new Promise<void>((resolve) => room.onReconnect(resolve));
    drop(room);
    await back;
    await ticks(room, 10);
    assert.equal(room.state.players.get(room.sessionId).bot, false);
    const seat = events(room).find(({ kind, bot }) => kind === "joined" && !bot).seat;
    const { records } = host.match(room);
    assert.ok(records.every(({ frames }) => frames === null || frames.holder[seat] === PERSON));
    const row = (index: number) => records[index].frames!.values.slice(seat * 3, seat * 3 + 2);
    assert.deepEqual([...row(room.state.tick)], [127, 0], "frames arrive again");
    assert.equal(events(room).filter(({ kind }) => kind === "left").length, 0);
  });

  it("a reloaded page reconnects with its reconnection token, as the same session", async () => {
    const room = await host.join("tag", { mode: "pair" });
    await playing(room);
    const { reconnectionToken, sessionId } = room;
    room.reconnection.enabled = false;
    const gone = closed(room);
    drop(room);
    await gone;
    const fresh = host.keep(await new Client(host.url).reconnect<any>(reconnectionToken));
    assert.equal(fresh.sessionId, sessionId);
    await until(fresh, (state) => state.players.get(sessionId)?.bot === false);
  });

  it("a reconnection token is valid only once", async () => {
    const room = await host.join("tag", { mode: "pair" });
    await playing(room);
    const { reconnectionToken } = room;
    const back = new Promise<void>((resolve) => room.onReconnect(resolve));
    drop(room);
    await back;
    await assert.rejects(new Client(host.url).reconnect(reconnectionToken), { code: 524 });
  });

  it("a dropped player who does not reconnect in time is replaced by a bot", async () => {
    const [room, other] = [await host.join("tag", { mode: "pair" }), await host.join("tag", { mode: "pair" })];
    await playing(other);
    room.reconnection.enabled = false;
    drop(room);
    await ticks(other, 5);
    const local = host.local(other);
    // Pretend that 20 s have passed.
    local.timeouts.check(local.clients, local.steps + 20 * 20);
    await until(other, (state) => [...state.players.values()].some(({ bot }: any) => bot));
    const left = events(other).find(({ kind }) => kind === "left");
    assert.equal(left.reason, "dropped");
  });

  it("a player who leaves a running match for good is replaced by a bot, and a new player takes the bot's seat", async () => {
    const [room, other] = [await host.join("tag", { mode: "pair" }), await host.join("tag", { mode: "pair" })];
    await playing(room);
    await room.leave();
    await until(other, (state) => [...state.players.values()].some(({ bot }: any) => bot));
    const third = await host.join("tag", { mode: "pair" });
    assert.equal(third.roomId, other.roomId);
    await until(
      third,
      (state) => state.players.size === 2 && [...state.players.values()].every(({ bot }: any) => !bot),
    );
    await ticks(third, 2);
    const story = events(other)
      .filter(({ kind }) => kind === "left" || kind === "joined")
      .map(({ kind, bot, reason }) => reason ?? (bot ? `${kind} a bot` : kind));
    assert.deepEqual(story, ["joined", "joined", "left", "joined a bot", "replaced", "joined"]);
    const holders = host
      .match(other)
      .records.flatMap(({ seatChanges }) => seatChanges.map(({ bot }) => (bot ? BOT : PERSON)));
    assert.deepEqual(holders, [PERSON, PERSON, BOT, PERSON]);
  });

  it("if a player leaves before the match has started, their seat becomes empty", async () => {
    const slow = { mode: "crowd", region: "slow" };
    const [room, other] = [await host.join("tag", slow), await host.join("tag", slow)];
    await until(other, (state) => state.phase === "waiting" && state.players.size === 2);
    await room.leave();
    await until(other, (state) => state.phase !== "waiting" || state.players.size === 1);
    const { records } = host.match(other);
    const emptied = records.flatMap(({ seatChanges }) => seatChanges).find(({ player }) => player === null);
    assert.ok(emptied !== undefined);
  });

  it("a player who leaves a duel for good loses, and the match ends", async () => {
    const [room, other] = [await host.join("arena", { mode: "duel" }), await host.join("arena", { mode: "duel" })];
    await playing(other);
    await room.leave();
    await until(other, (state) => state.phase === "ended");
    const ended = events(other).at(-1);
    assert.equal(ended.reason, "abandoned");
    const [winner] = ended.standings.filter(({ place }: any) => place === 1);
    assert.deepEqual([winner.left, winner.bot], [false, false]);
    assert.equal(ended.standings.find(({ left }: any) => left).place, 2);
  });

  it("a match that all players have left ends, and its room closes", async () => {
    const room = await host.join("tag", { mode: "pair" });
    await playing(room);
    const match = host.match(room);
    const local = host.local(room);
    const disposed = new Promise((resolve) => local._events.once("disconnect", resolve));
    await room.leave();
    await disposed;
    const ended = match.records.at(-1)!.matchEvents[0];
    assert.equal(ended.kind === "ended" && ended.reason, "abandoned");
    assert.ok(match.closed);
  });

  it("an ended match stays open for its result, then closes with 1000", async () => {
    const [room, other] = [await host.join("arena", { mode: "duel" }), await host.join("arena", { mode: "duel" })];
    await playing(other);
    await room.leave();
    await until(other, (state) => state.phase === "ended");
    const end = closed(other);
    const local = host.local(other);
    assert.ok(local.closesAtStep - local.steps > 200, "stays open for more than 10 s");
    local.closesAtStep = local.steps + 1;
    assert.equal((await end).code, 1000);
  });
});
