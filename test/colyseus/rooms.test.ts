/** Pins the behaviour of Colyseus's rooms that the server relies on, so that a test fails here if an upgrade changes it. */
import assert from "node:assert/strict";
import { type AuthContext, definePlugins, matchMaker, Room, RoomPlugin, ServerError } from "@colyseus/core";
import { PinRoom } from "./PinRoom.ts";
import { eventually, PlainServer } from "./PlainServer.ts";

class AuthRoom extends PinRoom {
  static override async onAuth(token: string, options: any, context: AuthContext): Promise<object> {
    if (options.bad) throw new ServerError(531, "TOKEN_INVALID: no");
    const method = new URL(context.req.url, "http://x").pathname.split("/").at(-2);
    for (const key of Object.keys(options)) delete options[key];
    Object.assign(options, { kind: "server's" });
    return { isStringOrUndefined: typeof token === "string" || token === undefined, method };
  }

  override onCreate(): void {
    super.onCreate();
    this.maxClients = 2;
  }
}

const pluginStory: string[] = [];

class PinPlugin extends RoomPlugin<Room> {
  override readonly pluginName = "pin" as const;
  protected override onCreate(): void {
    pluginStory.push("plugin created");
  }
  protected override onDispose(): void {
    pluginStory.push("plugin disposed");
  }
}

class PluginRoom extends Room<any> {
  override plugins = definePlugins([new PinPlugin()]);
  override onUncaughtException = (error: Error, method: string): void => {
    pluginStory.push(`${method}: ${(error.cause as Error).message}`);
  };
  override messages = {
    boom: () => {
      throw new Error("boom");
    },
  };
  override onCreate(): void {
    pluginStory.push("room created");
  }
  override onDispose(): void {
    pluginStory.push("room disposed");
  }
}

describe("Colyseus", () => {
  const server = new PlainServer();
  before(() => server.start({ pin: PinRoom, auth: AuthRoom, plugin: PluginRoom }, ["kind"]));
  after(() => server.stop());

  const open = async (name = "pin") => {
    const room = server.leaveAtStop(await (await server.client()).create<any>(name));
    const local = matchMaker.getLocalRoomById(room.roomId) as any;
    await eventually(() => local.clients.get(room.sessionId)?.state === 1);
    return { room, local, client: local.clients.get(room.sessionId) };
  };

  it("neither advances the clock nor sends patches in a room with patchRate null and a timestep that never elapses", async () => {
    const { local } = await open();
    assert.equal(local.clock.elapsedTime, 0);
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(local.clock.elapsedTime, 0);
    local.clock.tick();
    assert.ok(local.clock.elapsedTime > 0);
  });

  it("sends the tick rate of defineInput to the SDK, even if the room does not call setFixedTimestep", async () => {
    const { room } = await open();
    assert.equal(room.input().tickRate, 20);
  });

  it("sends a patch on broadcastPatch, and a clock sample when nothing changed", async () => {
    const { room, local } = await open();
    let states = 0;
    room.onStateChange(() => states++);
    local.state.n++;
    local.broadcastPatch();
    await eventually(() => room.state.n === local.state.n);
    const before = states;
    local.clock.tick();
    local.broadcastPatch();
    await eventually(() => states > before && room.clock.lastServerTime?.() === Math.floor(local.clock.elapsedTime));
  });

  it("returns one input per next(), and drops the oldest when the buffer is full", async () => {
    const { room, local } = await open();
    const input = room.input<any>();
    for (let a = 1; a <= 6; a++) {
      input.data.a = a;
      input.send();
    }
    const inputs = local.inputs.get(room.sessionId);
    await eventually(() => inputs.size === 4 && inputs.consumedCount === 2);
    const taken = [0, 0, 0, 0, 0].map(() => inputs.next()?.a);
    assert.deepEqual(taken, [3, 4, 5, 6, undefined]);
  });

  it("makes the SDK stamp inputs with the room time that the player saw, if onCreate calls allowRewindState().attachAll([])", async () => {
    const { room, local } = await open();
    await new Promise((resolve) => setTimeout(resolve, 30));
    local.clock.tick();
    local.broadcastPatch();
    await eventually(() => room.clock.serverNow() > 0 && room.clock.lastServerTime!() > 0);
    const input = room.input<any>({ renderDelay: 0 });
    input.send();
    const inputs = local.inputs.get(room.sessionId);
    await eventually(() => inputs.size === 1);
    inputs.next();
    assert.ok(inputs.renderTime > 0 && inputs.renderTime < 60_000, `${inputs.renderTime}`);
  });

  it("creates a client's inputs before onJoin", async () => {
    const { local } = await open();
    assert.match(local.story[0], / 0$/);
  });

  it("calls static onAuth before it looks for a room, and uses the options that onAuth has changed to find or create the room", async () => {
    const room = await server.join("auth", { kind: "client's", extra: 1 });
    const local = matchMaker.getLocalRoomById(room.roomId) as any;
    assert.deepEqual(local.metadata, { kind: "server's" });
    assert.equal(local.story[0], `join {"kind":"server's"} {"isStringOrUndefined":true,"method":"joinOrCreate"} 0`);
    const second = await server.join("auth", { kind: "yet another" });
    assert.equal(second.roomId, room.roomId);
  });

  it("refuses a client with the code and message of the error that static onAuth throws", async () => {
    await assert.rejects(server.join("auth", { bad: true }), { code: 531, message: "TOKEN_INVALID: no" });
  });

  it("hides a private room from joinOrCreate but not from joinById", async () => {
    const { room, local } = await open();
    await local.setPrivate(true);
    const other = await server.join("pin");
    assert.notEqual(other.roomId, room.roomId);
    const guest = server.leaveAtStop(await (await server.client()).joinById<any>(room.roomId));
    assert.equal(guest.roomId, room.roomId);
    assert.equal((await matchMaker.getRoomById(room.roomId)).private, true);
  });

  it("calls onDrop for a lost connection, onReconnect when the session reconnects, and onLeave when the promise of allowReconnection is rejected", async () => {
    const { room, local, client } = await open();
    Object.assign(room.reconnection, { minUptime: 0, delay: 10, minDelay: 10 });
    client.ref.terminate();
    await eventually(() => local.story.includes("reconnect"));
    await eventually(() => local.clients.get(room.sessionId)?.state === 1);
    room.reconnection.enabled = false;
    local.clients.get(room.sessionId).ref.terminate();
    await eventually(() => local.story.filter((line: string) => line === "drop 1006").length === 2);
    local.held.reject(false);
    await eventually(() => local.story.at(-1) === "leave 1006");
  });

  it("calls onLeave with 4000, and not onDrop, for a client that leaves", async () => {
    const { room, local } = await open();
    local.autoDispose = false;
    await room.leave();
    assert.deepEqual(local.story.slice(1), ["leave 4000"]);
    await local.disconnect();
  });

  it("calls a plugin's onCreate before the room's and its onDispose after the room's, and passes a handler's exception to onUncaughtException, which may be a property instead of a method", async () => {
    pluginStory.length = 0;
    const room = await server.join("plugin");
    room.send("boom");
    await eventually(() => pluginStory.includes("onMessage: boom"));
    await room.leave();
    await eventually(() => pluginStory.at(-1) === "plugin disposed");
    assert.deepEqual(pluginStory, [
      ...["plugin created", "room created", "onMessage: boom", "room disposed", "plugin disposed"],
    ]);
  });
});

describe("Colyseus, a second server in the process", () => {
  it("starts again after it was stopped", async () => {
    const server = new PlainServer();
    await server.start({ pin: PinRoom });
    assert.equal(typeof (await server.join("pin")).sessionId, "string");
    await server.stop();
  });
});
