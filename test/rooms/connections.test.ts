/** Each connection to a match is recorded as an event of its player when it opens and when it closes. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { Client, Room } from "@colyseus/sdk";
import { WebSocket } from "ws";
import { SampledMedian } from "../../rooms/match/SampledMedian.ts";
import { closeCodes } from "../../schema/codes.ts";
import { type PlayerMessage, playerMessage } from "../../schema/playerEvents.ts";
import { uuidV7TimeMs } from "../../src/pipeline/events/eventDate.ts";
import { Host, until } from "./Host.ts";
import { quickArena } from "./quickArena.ts";

const FIREFOX = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0";

describe("connections to a match", () => {
  const host = new Host();
  const recorded: { id: string | undefined; message: PlayerMessage }[] = [];
  before(() =>
    host.start({
      games: [quickArena({ timeLimitMs: 600_000 })],
      recordPlayer: (message, id) => void recorded.push({ id, message }),
    }),
  );
  afterEach(() => host.leaveAll());
  after(() => host.stop());

  const of = (player: string) => recorded.filter(({ message }) => message.player === player);
  const story = (player: string) => of(player).map(({ message: { kind, reason } }) => reason ?? kind);
  const playerIn = (room: Room<any, any>): string => room.state.players.get(room.sessionId).playerId;
  const eventually = async (condition: () => boolean) => {
    while (!condition()) await new Promise(setImmediate);
  };

  async function join(client?: Client): Promise<{ room: Room<any, any>; player: string }> {
    const room = await host.join("arena", { mode: "duel" }, client);
    await until(room, ({ players }) => players.has(room.sessionId));
    return { room, player: playerIn(room) };
  }

  it("are recorded when they open and close, with room, match, platform and the median round trip", async () => {
    const { room, player } = await join();
    const { roundTrip } = host.local(room).match.feed.links.find((link: unknown) => link !== null);
    // The room measures round trips too, but fewer.
    for (let n = 0; n < 51; n++) roundTrip.median.add(39.6);
    await room.leave();
    await eventually(() => of(player).length === 2);
    const [{ id, message: connected }, { message: disconnected }] = of(player);
    const { roomId, matchId } = host.match(room).identity;
    const common = { connection: id, room: "match", roomId, matchId, platform: "other" };
    assert.deepEqual(connected, { v: 1, at: uuidV7TimeMs(id!), kind: "connected", player, ...common });
    const at = disconnected.at;
    const ended = { connectedAt: connected.at, reason: "left", roundTripMs: 40 };
    assert.deepEqual(disconnected, { v: 1, at, kind: "disconnected", player, ...common, ...ended });
    for (const { message } of recorded) playerMessage.parse(message);
  });

  it("that are lost end as dropped, and the reconnection is another connection", async () => {
    const { room, player } = await join();
    const back = new Promise<void>((resolve) => room.onReconnect(resolve));
    host.local(room).clients.get(room.sessionId).ref.terminate();
    await back;
    await room.leave();
    await eventually(() => of(player).length === 4);
    assert.deepEqual(story(player), ["connected", "dropped", "connected", "left"]);
    assert.notEqual(of(player)[0].id, of(player)[2].id);
    assert.equal(of(player)[3].message.connection, of(player)[2].id);
  });

  it("that do not come back end once", async () => {
    const { room, player } = await join();
    const local = host.local(room);
    room.reconnection.enabled = false;
    local.clients.get(room.sessionId).ref.terminate();
    await eventually(() => of(player).length === 2);
    local.timeouts.check(local.clients, local.steps + 20 * 20);
    await eventually(() => local.match.seats.playerIds.length === 0);
    assert.deepEqual(story(player), ["connected", "dropped"]);
  });

  it("that an operator ends, or that another connection of the player replaces, say so", async () => {
    const client = await host.signedInClient();
    const { room, player } = await join(client);
    room.reconnection.enabled = false;
    const { room: again } = await join(client);
    await eventually(() => of(player).length === 3);
    host.local(again).kick(player, "kicked");
    await eventually(() => of(player).length === 4);
    assert.deepEqual(story(player), ["connected", "connected", "replaced", "kicked"]);
  });

  it("have the platform of the browser, and never its user agent", async () => {
    const client = await host.signedInClient();
    const join = {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${client.auth.token}` },
    };
    const answer = await fetch(`${host.url}/matchmake/joinOrCreate/arena`, { ...join, body: '{"mode":"duel"}' });
    const { roomId, processId, sessionId } = (await answer.json()) as Record<string, string>;
    const address = `${host.url.replace("http", "ws")}/${processId}/${roomId}?sessionId=${sessionId}`;
    const socket = new WebSocket(address, { headers: { "user-agent": FIREFOX } });
    await once(socket, "message");
    const before = recorded.length;
    socket.close(closeCodes.CONSENTED.code);
    await eventually(() => recorded.length === before + 1);
    assert.deepEqual(
      recorded.slice(-2).map(({ message }) => message.platform),
      ["web-mobile", "web-mobile"],
    );
    assert.doesNotMatch(JSON.stringify(recorded), /Mozilla|Firefox/);
  });
});

describe("SampledMedian", () => {
  it("is the median of a short series, and close to that of a long one", () => {
    const median = new SampledMedian();
    assert.equal(median.value, null);
    for (const value of [5, 1, 900]) median.add(value);
    assert.equal(median.value, 5);
    const long = new SampledMedian();
    for (let at = 0; at < 10_000; at++) long.add((at * 7919) % 1000);
    assert.ok(Math.abs(long.value! - 500) < 100, String(long.value));
  });
});
