/**
 * Tests that the private parts of Colyseus that `src/platform/adapters/colyseus` uses still exist and work as the adapters need.
 */
import assert from "node:assert/strict";
import { type AuthContext, type Client, matchMaker, Room } from "@colyseus/core";
import { Encoder, schema, t } from "@colyseus/schema";
import { Protocol, ProtocolModifier } from "@colyseus/shared-types";
import { acknowledgedSeq } from "../../src/platform/adapters/colyseus/acknowledgedSeq.ts";
import { catchMessageErrors } from "../../src/platform/adapters/colyseus/catchMessageErrors.ts";
import { replaceInputBuffer } from "../../src/platform/adapters/colyseus/inputBuffer.ts";
import { interceptMatchmaking } from "../../src/platform/adapters/colyseus/interceptMatchmaking.ts";
import {
  countReplacement,
  keepFullRoomLocked,
  lockIfFull,
  removeClient,
  reserveReplacement,
} from "../../src/platform/adapters/colyseus/replaceClient.ts";
import { reserveSeats } from "../../src/platform/adapters/colyseus/reserveSeats.ts";
import { SharedPatchSerializer } from "../../src/platform/adapters/colyseus/SharedPatchSerializer.ts";
import {
  countReservedSeats,
  dropReservations,
  endReconnection,
} from "../../src/platform/adapters/colyseus/seatReservations.ts";
import { PinRoom, State } from "./PinRoom.ts";
import { eventually, PlainServer } from "./PlainServer.ts";

/** A message without a handler. Its type is longer than the reason of a close frame may be. */
const LONG_TYPE = Buffer.concat([Buffer.of(Protocol.ROOM_DATA, 0xd9, 124), Buffer.alloc(124, "a")]);

class GuardedRoom extends PinRoom {
  readonly errors: [sessionId: string, error: unknown][] = [];
  override messages = { hello: () => void this.story.push("hello") };

  override onCreate(): void {
    super.onCreate();
    catchMessageErrors(this, (client, error) => this.errors.push([client.sessionId, error]));
  }
}

class SmallRoom extends PinRoom {
  override maxClients = 2;
  override autoDispose = false;
}

/** Only stores the patches that it receives; the test sends them. */
class Recorder extends SharedPatchSerializer {
  readonly shared: { readonly clients: number; readonly patch: Buffer; readonly roomMs: number }[] = [];
  apart = 0;

  protected override sendShared(clients: readonly Client[], patch: Uint8Array, roomMs: number): void {
    // A copy, because the encoder reuses the buffer of the patch.
    this.shared.push({ clients: clients.length, patch: Buffer.from(patch), roomMs });
  }
  protected override onFrameworkPatch(): void {
    this.apart++;
  }
}

class SharedRoom extends PinRoom {
  readonly recorder = new Recorder();

  override onCreate(): void {
    this.recorder.useIn(this);
    super.onCreate();
  }
}

const FilteredState = schema({ n: t.uint32().default(0).view() }, "PinFilteredState");

class FilteredRoom extends SharedRoom {
  override onCreate(): void {
    super.onCreate();
    this.state = new FilteredState();
  }
}

class UnbufferedRoom extends Room<any> {
  override state = new State();
}

/** Records the calls of the framework. */
function inputRecorder() {
  const calls: unknown[][] = [];
  const latest = Float64Array.of(0);
  const decoder = {
    latest,
    decode(bytes: Uint8Array) {
      calls.push(["decode", ...bytes]);
      latest[0] = bytes.length;
    },
    decodeAll(bytes: Uint8Array, take: (input: unknown, seq: number) => void) {
      calls.push(["decodeAll", ...bytes]);
      for (const seq of [7, 8]) take(latest, seq);
      return 2;
    },
  };
  const buffer = {
    ackSeq: 0,
    accept: (seq: number) => seq > 7,
    push: (input: unknown, ...rest: number[]) => void calls.push(["push", input, ...rest]),
    clear: () => void calls.push(["clear"]),
  };
  return { calls, decoder, buffer };
}

describe("adapters of Colyseus", () => {
  const server = new PlainServer();
  const rooms = { pin: PinRoom, guarded: GuardedRoom, small: SmallRoom, shared: SharedRoom };
  before(() => server.start({ ...rooms, filtered: FilteredRoom, unbuffered: UnbufferedRoom }));
  after(() => server.stop());

  const open = async (name = "pin") => {
    const room = server.leaveAtStop(await (await server.client()).create<any>(name));
    const local = matchMaker.getLocalRoomById(room.roomId) as any;
    await eventually(() => local.clients.get(room.sessionId)?.state === 1);
    return { room, local, client: local.clients.get(room.sessionId) };
  };

  describe("catchMessageErrors", () => {
    it("is needed: Room._onMessage throws for a message without a handler whose type is long", async () => {
      const { local, client } = await open();
      assert.throws(() => local._onMessage(client, LONG_TYPE), RangeError);
    });

    it("catches what an instance's own _onMessage throws, and delivers all other messages", async () => {
      const { room, local } = await open("guarded");
      room.connection.send(LONG_TYPE);
      room.send("hello");
      await eventually(() => local.story.includes("hello"));
      assert.deepEqual(
        local.errors.map(([sessionId, error]: [string, unknown]) => [sessionId, error instanceof RangeError]),
        [[room.sessionId, true]],
      );
    });
  });

  describe("replaceClient", () => {
    const fullRoom = async () => {
      const { room, local } = await open("small");
      const other = server.leaveAtStop(await (await server.client()).joinById<any>(room.roomId));
      await eventually(() => local.clients.length === 2);
      return { room, other, local };
    };
    const take = async (local: any, sessionId: string) =>
      server.leaveAtStop(
        await (await server.client()).consumeSeatReservation<any>({
          ...{ name: "small", sessionId, roomId: local.roomId, processId: matchMaker.processId },
        } as never),
      );

    it("is needed: the framework refuses reservations in a full room, and unlocks it when a client of three leaves", async () => {
      const { local } = await fullRoom();
      assert.equal(await local._reserveSeat("third", {}, {}), false);
      reserveReplacement(local, "third", {}, {});
      const third = await take(local, "third");
      assert.deepEqual([local.clients.length, local.locked], [3, true]);
      await third.leave();
      await eventually(() => local.clients.length === 2);
      assert.equal(local.locked, false);
      lockIfFull(local);
      assert.equal(local.locked, true);
      await local.disconnect();
    });

    it("replaces a client of a full room, which stays locked and whose listing keeps the number of its clients", async () => {
      const { room, local } = await fullRoom();
      keepFullRoomLocked(local);
      const code = new Promise((resolve) => room.onLeave(resolve));
      reserveReplacement(local, "new", { a: 1 }, { b: 2 });
      assert.equal(countReservedSeats(local), 0);
      await take(local, "new");
      assert.ok(local.story.some((line: string) => line.startsWith('join {"a":1} {"b":2}')));
      countReplacement(local);
      removeClient(local, local.clients.get(room.sessionId), 4105);
      assert.deepEqual(
        [...local.clients].map(({ sessionId }: any) => sessionId === room.sessionId),
        [false, false],
      );
      assert.ok(local.story.includes("drop 4105"));
      assert.equal(await code, 4105);
      local.held.reject(false);
      await eventually(() => local._listing.clients === 2 && local.locked);
      await local.disconnect();
    });

    it("unlocks the room again when a client leaves after a replacement", async () => {
      const { room, other, local } = await fullRoom();
      keepFullRoomLocked(local);
      reserveReplacement(local, "new", {}, {});
      await take(local, "new");
      countReplacement(local);
      removeClient(local, local.clients.get(room.sessionId), 4105);
      local.held.reject(false);
      await eventually(() => local.locked && local._listing.clients === 2);
      await other.leave();
      await eventually(() => !local.locked && local._listing.clients === 1);
      await local.disconnect();
    });

    it("ends a reservation that nobody takes, and `dropReservations` drops it", async () => {
      const { local } = await fullRoom();
      local.seatReservationTimeout = 0.01;
      reserveReplacement(local, "late", {}, {});
      await eventually(() => !local.hasReservedSeat("late"));
      local.seatReservationTimeout = 15;
      reserveReplacement(local, "dropped", {}, {});
      assert.equal(local.hasReservedSeat("dropped"), true);
      dropReservations(local);
      assert.equal(local.hasReservedSeat("dropped"), false);
      assert.equal(local._listing.clients, 2);
      await local.disconnect();
    });
  });

  describe("seatReservations", () => {
    it("counts a seat until its client has connected, and again while the client can reconnect", async () => {
      const reservation = await matchMaker.create("small");
      const local = matchMaker.getLocalRoomById(reservation.roomId) as any;
      assert.equal(countReservedSeats(local), 1);
      const room = server.leaveAtStop(await (await server.client()).consumeSeatReservation<any>(reservation as never));
      assert.equal(countReservedSeats(local), 0);
      await eventually(() => local.clients.get(room.sessionId)?.state === 1);
      room.reconnection.enabled = false;
      local.clients.get(room.sessionId).ref.terminate();
      await eventually(() => local.story.includes("drop 1006"));
      assert.equal(countReservedSeats(local), 1);
      dropReservations(local);
      assert.equal(countReservedSeats(local), 1, "the framework ends the wait for a reconnection itself");
      local.held.reject(false);
      await eventually(() => countReservedSeats(local) === 0);
      await local.disconnect();
    });

    it("ends the wait for a client that may reconnect, and stops its timer, which would keep the process alive", async () => {
      const { room, client, local } = await open();
      room.reconnection.enabled = false;
      local.waitSeconds = 3600;
      client.ref.terminate();
      await eventually(() => local.story.includes("drop 1006"));
      const timer = local._reservedSeatTimeouts[room.sessionId];
      assert.equal(timer._destroyed, false);
      endReconnection(local, room.sessionId, local.held);
      assert.equal(timer._destroyed, true);
      await eventually(() => countReservedSeats(local) === 0);
      await local.disconnect();
    });

    it("drops seats whose clients have not connected, stops the timers of these seats, and then refuses the clients", async () => {
      const reservation = await matchMaker.create("small");
      const local = matchMaker.getLocalRoomById(reservation.roomId) as any;
      const timers: any[] = Object.values(local._reservedSeatTimeouts);
      assert.equal(timers.length, 1);
      assert.equal(timers[0]._destroyed, false);
      dropReservations(local);
      assert.equal(timers[0]._destroyed, true);
      assert.equal(countReservedSeats(local), 0);
      await assert.rejects((await server.client()).consumeSeatReservation(reservation as never));
      await local.disconnect();
    });
  });

  describe("inputBuffer", () => {
    it("replaces a decoder, a clone and a buffer that the framework has made before onJoin", async () => {
      const { client } = await open();
      assert.equal(typeof client._inputDecoder.decode, "function");
      assert.equal(typeof client._inputDecoder.decodeAll, "function");
      assert.equal(typeof client._input.clone, "function");
      for (const method of ["accept", "push", "clear"]) assert.equal(typeof client._inputBuffer[method], "function");
    });

    it("receives each input of the reliable channel as it was decoded, not a copy", async () => {
      const { room, client } = await open();
      const { calls, decoder, buffer } = inputRecorder();
      replaceInputBuffer(client, decoder, buffer);
      room.connection.send(Uint8Array.of(Protocol.ROOM_INPUT_RELIABLE, 1, 2, 3));
      await eventually(() => calls.length === 2);
      assert.deepEqual(calls, [
        ["decode", 1, 2, 3],
        ["push", decoder.latest, 0, 0, undefined],
      ]);
      assert.equal(calls[1][1], decoder.latest);
    });

    it("is asked about each numbered input of a packet, and receives those that it accepts", async () => {
      const { room, client } = await open();
      const { calls, decoder, buffer } = inputRecorder();
      replaceInputBuffer(client, decoder, buffer);
      room.connection.send(Uint8Array.of(Protocol.ROOM_INPUT_UNRELIABLE, 4, 5));
      await eventually(() => calls.length === 2);
      assert.deepEqual(calls, [
        ["decodeAll", 4, 5],
        ["push", decoder.latest, 0, 0, 8],
      ]);
    });

    it("is cleared when the client disconnects", async () => {
      const { room, local, client } = await open();
      const { calls, decoder, buffer } = inputRecorder();
      replaceInputBuffer(client, decoder, buffer);
      room.reconnection.enabled = false;
      client.ref.terminate();
      await eventually(() => local.story.includes("drop 1006"));
      assert.deepEqual(calls, [["clear"]]);
      local.held.reject(false);
    });
  });

  describe("acknowledgedSeq", () => {
    it("is the number of inputs that were consumed, and what the framework writes into a patch", async () => {
      const { room, local, client } = await open();
      const input = room.input<any>();
      assert.equal(acknowledgedSeq(client), 0);
      for (let a = 1; a <= 3; a++) {
        input.data.a = a;
        input.send();
      }
      const inputs = local.inputs.get(room.sessionId);
      await eventually(() => inputs.size === 3);
      inputs.next();
      inputs.next();
      assert.equal(acknowledgedSeq(client), 2);
      const frames: Buffer[] = [];
      client.raw = (bytes: Uint8Array) => frames.push(Buffer.from(bytes));
      local.broadcastPatch();
      assert.equal(frames[0].readUInt32LE(5), 2);
    });

    it("is the number of the buffer that replaces the framework's buffer", async () => {
      const { local, client } = await open();
      const { decoder, buffer } = inputRecorder();
      replaceInputBuffer(client, decoder, Object.assign(buffer, { ackSeq: 41 }));
      assert.equal(acknowledgedSeq(client), 41);
      const frames: Buffer[] = [];
      client.raw = (bytes: Uint8Array) => frames.push(Buffer.from(bytes));
      local.broadcastPatch();
      assert.equal(frames[0].readUInt32LE(5), 41);
    });

    it("is 0 in a room without inputs", async () => {
      const { client } = await open("unbuffered");
      assert.equal(acknowledgedSeq(client), 0);
    });
  });

  describe("SharedPatchSerializer", () => {
    it("replaces the serializer that the framework creates for the state", async () => {
      const { room, local } = await open("shared");
      assert.equal(local._serializer, local.recorder);
      assert.equal(room.serializerId, "schema");
      await eventually(() => room.state.n === 0);
    });

    it("receives one patch for all clients, which the SDK can read after the framework's prefix", async () => {
      const { room, local, client } = await open("shared");
      const { recorder } = local;
      local.clock.tick();
      local.state.n = 70_000;
      assert.equal(local.broadcastPatch(), true);
      assert.equal(local.broadcastPatch(), false);
      const [changed, unchanged] = recorder.shared.slice(-2);
      assert.deepEqual([changed.clients, unchanged.clients], [1, 1]);
      assert.equal(changed.roomMs, local.clock.elapsedTime);
      assert.equal(unchanged.patch.length, 0);
      const prefix = Buffer.alloc(9);
      prefix[0] = Protocol.ROOM_STATE_PATCH | ProtocolModifier.TIMED;
      client.raw(Buffer.concat([prefix, changed.patch]));
      await eventually(() => room.state.n === 70_000);
      assert.equal(recorder.apart, 0);
    });

    it("sends the current state to a client that joins later", async () => {
      const { room, local } = await open("shared");
      for (const n of [5, 6]) {
        local.state.n = n;
        local.broadcastPatch();
        const late = server.leaveAtStop(await (await server.client()).joinById<any>(room.roomId));
        await eventually(() => late.state.n === n);
      }
    });

    it("includes the changes of a room without clients in the next full state", async () => {
      const { room, local } = await open("shared");
      local.autoDispose = false;
      await room.leave();
      await eventually(() => local.clients.length === 0);
      const patches = local.recorder.shared.length;
      local.state.n = 8;
      local.broadcastPatch();
      assert.equal(local.recorder.shared.length, patches);
      const late = server.leaveAtStop(await (await server.client()).joinById<any>(room.roomId));
      await eventually(() => late.state.n === 8);
      await local.disconnect();
    });

    it("lets the framework send if clients see different parts of the state", async () => {
      const { local, client } = await open("filtered");
      const frames: Buffer[] = [];
      client.raw = (bytes: Uint8Array) => frames.push(Buffer.from(bytes));
      local.state.n = 9;
      local.broadcastPatch();
      assert.equal(frames[0][0], Protocol.ROOM_STATE_PATCH | ProtocolModifier.TIMED);
      assert.deepEqual([local.recorder.apart, local.recorder.shared.length], [1, 0]);
    });

    it("relies on an encoder that keeps changes until they are discarded", () => {
      const encoder = new Encoder(new State({ n: 1 } as never));
      assert.equal(encoder.hasChanges, true);
      const first = Buffer.from(encoder.encode({ offset: 1 }).subarray(1));
      assert.deepEqual(Buffer.from(encoder.encode({ offset: 1 }).subarray(1)), first);
      encoder.discardChanges();
      assert.equal(encoder.hasChanges, false);
    });
  });

  describe("reserveSeats", () => {
    const seat = (sessionId: string) => ({ sessionId, options: { of: sessionId }, auth: { playerId: sessionId } });

    it("reserves as many seats as the room has, for the clients' options and identities", async () => {
      const listing = await matchMaker.createRoom("small", {});
      const reserved = await reserveSeats(listing.roomId, [seat("a"), seat("b"), seat("c")], 5);
      assert.deepEqual(reserved, [true, true, false]);
      const reservation = matchMaker.buildSeatReservation(listing, "b");
      server.leaveAtStop(await (await server.client()).consumeSeatReservation<any>(reservation as never));
      const local = matchMaker.getLocalRoomById(listing.roomId) as any;
      assert.equal(local.story[0], 'join {"of":"b"} {"playerId":"b"} 0');
      dropReservations(local);
      await local.disconnect();
    });

    it("drops the seats after the given time, whatever the room's own limit", async () => {
      const { roomId } = await matchMaker.createRoom("small", {});
      const local = matchMaker.getLocalRoomById(roomId) as any;
      assert.ok(local.seatReservationTimeout > 1);
      await reserveSeats(roomId, [seat("a")], 0.02);
      assert.equal(countReservedSeats(local), 1);
      await eventually(() => countReservedSeats(local) === 0, 1000);
      await local.disconnect();
    });

    it("rejects if the room no longer exists", () => assert.rejects(reserveSeats("gone", [seat("a")], 5)));
  });

  describe("interceptMatchmaking", () => {
    it("is called for each request of a client, with options that the call is allowed to change", async () => {
      const asked: [string, string, object, AuthContext | undefined][] = [];
      const restore = interceptMatchmaking((...request) => {
        asked.push(request);
        return request[1] === "small" ? matchMaker.create("pin", request[2]) : null;
      });
      try {
        const left = await server.join("pin", { a: 1 });
        const taken = await server.join("small", { b: 2 });
        assert.deepEqual([left.name, taken.name], ["pin", "pin"]);
        assert.deepEqual(
          asked.map(([method, name, options]) => [method, name, options]),
          [
            ["joinOrCreate", "pin", { a: 1 }],
            ["joinOrCreate", "small", { b: 2 }],
          ],
        );
        assert.match(asked[0][3]!.req.url!, /matchmake\/joinOrCreate\/pin/);
      } finally {
        restore();
      }
      assert.equal((await server.join("small")).name, "small");
      assert.equal(asked.length, 2);
    });

    it("answers a client with the code and message of what a handler rejects with", async () => {
      const restore = interceptMatchmaking(() => Promise.reject(Object.assign(new Error("NO: no"), { code: 531 })));
      try {
        await assert.rejects(server.join("pin"), { code: 531, message: "NO: no" });
      } finally {
        restore();
      }
    });
  });
});
