/** Pins the private part of the framework's clock that `useMonotonicClock` replaces. */
import assert from "node:assert/strict";
import { matchMaker } from "@colyseus/core";
import { Protocol } from "@colyseus/shared-types";
import { useMonotonicClock } from "../../src/platform/adapters/colyseus/useMonotonicClock.ts";
import { PinRoom } from "./PinRoom.ts";
import { eventually, PlainServer } from "./PlainServer.ts";

const HOUR_MS = 3_600_000;
const PING = Buffer.of(Protocol.PING);

class MonotonicRoom extends PinRoom {
  override onCreate(): void {
    useMonotonicClock(this);
    super.onCreate();
  }
}

describe("useMonotonicClock", () => {
  const server = new PlainServer();
  const wallClock = Date.now;
  let steppedMs = 0;
  before(() => {
    // Clocks keep the function that they find when they are created.
    Date.now = () => wallClock() + steppedMs;
    return server.start({ wall: PinRoom, monotonic: MonotonicRoom });
  });
  after(() => {
    Date.now = wallClock;
    return server.stop();
  });
  beforeEach(() => {
    steppedMs = 0;
  });

  const open = async (name: string) => {
    const room = server.leaveAtStop(await (await server.client()).create<any>(name));
    const local = matchMaker.getLocalRoomById(room.roomId) as any;
    await eventually(() => local.clients.get(room.sessionId)?.state === 1);
    local.clock.tick();
    return { local, client: local.clients.get(room.sessionId) };
  };

  it("is needed: when the wall clock steps back, room time runs backwards and the message counter is not reset", async () => {
    const { local, client } = await open("wall");
    local._onMessage(client, PING);
    steppedMs = -HOUR_MS;
    local.clock.tick();
    assert.ok(local.clock.deltaTime < 0);
    assert.ok(client._messageCountResetsAt > local.clock.currentTime + HOUR_MS / 2);
  });

  it("keeps room time running and resets the message counter within a second, whatever the wall clock does", async () => {
    const { local, client } = await open("monotonic");
    const before = local.clock.elapsedTime;
    local._onMessage(client, PING);
    steppedMs = -HOUR_MS;
    local.clock.tick();
    assert.ok(local.clock.deltaTime >= 0 && local.clock.elapsedTime >= before);
    assert.ok(client._messageCountResetsAt <= local.clock.currentTime + 1000);
  });
});
