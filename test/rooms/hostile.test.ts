/** A hostile client loses at most its own connection, with a documented code, and affects no other player. */
import assert from "node:assert/strict";
import http from "node:http";
import type { Client, Room } from "@colyseus/sdk";
import fc from "fast-check";
import { WebSocket } from "ws";
import { closeCodes, frameworkRefusals, refusals } from "../../schema/codes.ts";
import { tag } from "../tag/tag.ts";
import { closed, Host, until } from "./Host.ts";

const [INPUT, STAMPED, DATA, JOIN, PING] = [19, 19 | 0x80, 13, 10, 18];

/** Sends bytes without the SDK. */
const sendRaw = (room: Room<any, any>, bytes: Uint8Array | number[]): void =>
  (room.connection as any).transport.ws.send(Uint8Array.from(bytes));

describe("hostile clients", () => {
  const game = { ...tag, rules: { ...tag.rules, playMs: 600_000 } };
  const host = new Host();
  let bystander: Room<any, any>;

  before(() => host.start({ games: [game] }));
  beforeEach(async () => {
    bystander = await host.join("tag", { mode: "crowd" });
  });
  afterEach(() => host.leaveAll());
  after(() => host.stop());

  async function assertOthersContinue(): Promise<void> {
    const { tick } = bystander.state;
    await until(bystander, (state) => state.tick >= tick + 10, 3000);
    assert.ok(bystander.connection.isOpen);
  }

  async function attacker(): Promise<Room<any, any>> {
    const room = await host.join("tag", { mode: "crowd" });
    await until(room, () => true);
    assert.equal(room.roomId, bystander.roomId);
    room.reconnection.enabled = false;
    return room;
  }

  const messages: [string, (room: Room<any, any>) => void, number][] = [
    ["a message over 4 KiB", (room) => sendRaw(room, new Uint8Array(5000)), closeCodes.MESSAGE_TOO_BIG.code],
    ["a message type without a handler", (room) => room.send("nonsense", { a: 1 }), closeCodes.WITH_ERROR.code],
    [
      "a message type that is a property of every object",
      (room) => room.send("constructor"),
      closeCodes.WITH_ERROR.code,
    ],
    [
      "a message type longer than the reason of a close frame may be",
      (room) => room.send("a".repeat(124)),
      closeCodes.MESSAGE_INVALID.code,
    ],
    ["a message type __proto__", (room) => room.send("__proto__", {}), closeCodes.WITH_ERROR.code],
    ["a message that ends within its type", (room) => sendRaw(room, [DATA, 0xa5, 0x61]), closeCodes.WITH_ERROR.code],
    [
      "a message that ends within its body",
      (room) => sendRaw(room, [DATA, 0xa1, 0x61, 0x93, 1]),
      closeCodes.WITH_ERROR.code,
    ],
    [
      "bytes for a message that is not binary",
      (room) => room.sendBytes("x", new Uint8Array(8)),
      closeCodes.WITH_ERROR.code,
    ],
    [
      "a flood of pings",
      (room) => {
        for (let i = 0; i < 1000; i++) sendRaw(room, [PING]);
      },
      closeCodes.WITH_ERROR.code,
    ],
    [
      "a flood of frames",
      (room) => {
        for (let i = 0; i < 1000; i++) sendRaw(room, [INPUT]);
      },
      closeCodes.WITH_ERROR.code,
    ],
  ];
  for (const [what, send, code] of messages) {
    it(`${what}: closes with ${code}, and the match continues for the other players`, async () => {
      const room = await attacker();
      const end = closed(room);
      send(room);
      assert.equal((await end).code, code);
      await assertOthersContinue();
      // The server cannot distinguish a connection that broke because of a large message from a lost one, so it waits for a
      // reconnection.
      if (code === closeCodes.MESSAGE_TOO_BIG.code) return;
      await until(bystander, (state) => !state.players.has(room.sessionId));
    });
  }

  const harmless: [string, number[]][] = [
    ["an empty message", []],
    ["a frame without a body", [INPUT]],
    ["a stamped frame without a stamp", [STAMPED]],
    ["a frame with an unknown field", [INPUT, 0x7f, 1, 2, 3]],
    ["a stamp that is not a number", [STAMPED, 0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]],
    ["a stamp of the far future", [STAMPED, 0xce, 0xff, 0xff, 0xff, 0xff, 0x80, 1]],
    ["an unknown protocol code", [31, 1, 2, 3]],
    ["a second confirmation of the join", [JOIN]],
  ];
  for (const [what, bytes] of harmless) {
    it(`${what}: the match continues`, async () => {
      const room = await attacker();
      sendRaw(room, bytes);
      await assertOthersContinue();
      const rewinds = host.match(bystander).records.map(({ frames }) => Math.max(...(frames?.values ?? [0])));
      assert.ok(rewinds.every((value) => value <= 127));
    });
  }

  it("random bytes: close at most the connection that sent them", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 0, maxLength: 64 }), { minLength: 1, maxLength: 30 }),
        async (all) => {
          const room = await attacker();
          for (const bytes of all) if (room.connection.isOpen) sendRaw(room, bytes);
          await assertOthersContinue();
          if (room.connection.isOpen) await room.leave();
        },
      ),
      { numRuns: 8 },
    );
  }).timeout(240_000);

  it("an invented session id: is refused as an unknown reservation", async () => {
    assert.deepEqual(await connectWith("sessionId=forged000"), seatless);
    await assertOthersContinue();
  });

  it("a session id that is in use: is refused, and its owner keeps the seat", async () => {
    assert.deepEqual(await connectWith(`sessionId=${bystander.sessionId}`), seatless);
    assert.deepEqual(await connectWith(`sessionId=${bystander.sessionId}&reconnectionToken=guess`), {
      ...seatless,
      code: closeCodes.FAILED_TO_RECONNECT.code,
    });
    await assertOthersContinue();
  });

  it("a used reservation: is refused as an unknown reservation", async () => {
    const room = await attacker();
    await room.leave();
    assert.deepEqual(await connectWith(`sessionId=${room.sessionId}`), seatless);
  });

  it("a full match and an ended match: refuse new players", async () => {
    const { own, guest } = await fullPrivateMatch();
    await assert.rejects(guest.joinById(own.roomId), { code: frameworkRefusals.MATCHMAKE_INVALID_ROOM_ID.code });
    const local = host.local(own);
    local.match.end("time", Date.now());
    local.finish();
    await until(own, (state) => state.phase === "ended");
    await assert.rejects(guest.joinById(own.roomId), { code: frameworkRefusals.MATCHMAKE_INVALID_ROOM_ID.code });
  });

  it("a reservation used after the end: is refused with MATCH_ENDED", async () => {
    const own = host.keep(await (await host.signedInClient()).create<any>("tag", { mode: "pair" }));
    const guest = await host.signedInClient();
    const { data } = await guest.http.post(`/matchmake/joinById/${own.roomId}` as never, { body: {} } as never);
    const local = host.local(own);
    local.match.end("time", Date.now());
    local.finish();
    await assert.rejects(guest.consumeSeatReservation(data as never), { code: refusals.MATCH_ENDED.code });
  });

  it("a client that does not complete its join: is disconnected, and its seat is free again", async () => {
    const room = await attacker();
    const local = host.local(room);
    const client = local.clients.get(room.sessionId);
    client.state = 0;
    client.userData.connectedAtStep = -1e6;
    assert.equal((await closed(room)).code, closeCodes.JOIN_TIMEOUT.code);
    await assertOthersContinue();
  });

  it("a client that does not read: is disconnected", async () => {
    const guest = await host.signedInClient();
    const { data } = await guest.http.post(
      "/matchmake/joinOrCreate/tag" as never,
      { body: { mode: "crowd" } } as never,
    );
    const { processId, roomId, sessionId } = data as any;
    const socket = new WebSocket(`${host.url.replace("http", "ws")}/${processId}/${roomId}?sessionId=${sessionId}`);
    await new Promise((resolve) => socket.once("message", resolve));
    socket.send(Uint8Array.from([JOIN]));
    (socket as any)._socket.pause();
    const client = host.local(bystander).clients.get(sessionId);
    const gone = new Promise<number>((resolve) => client.ref.once("close", resolve));
    client.raw(Buffer.alloc(32 << 20, 31));
    assert.equal(await gone, closeCodes.CUT_OFF.code);
    socket.terminate();
    await assertOthersContinue();
  });

  it("a request body that is too long: is refused before it is read", async () => {
    const post = (headers: Record<string, string>, body: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const request = http.request(`${host.url}/auth/anonymous`, { method: "POST", headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        request.on("error", reject);
        request.end(body);
      });
    assert.equal(await post({ "content-length": "100000" }, "x".repeat(100_000)), 413);
    assert.equal(await post({ "transfer-encoding": "chunked" }, "x".repeat(100_000)), 413);
  });

  const seatless = { code: closeCodes.WITH_ERROR.code, error: frameworkRefusals.MATCHMAKE_EXPIRED.code };

  /** Connects to the bystander's room without the SDK. */
  function connectWith(query: string): Promise<{ code: number; error: number }> {
    const { processId } = host.local(bystander)._listing;
    const socket = new WebSocket(`${host.url.replace("http", "ws")}/${processId}/${bystander.roomId}?${query}`);
    let error = 0;
    socket.on("message", (bytes: Buffer) => {
      // The message is ERROR, then the code in the encoding of Colyseus's schema: 0xcd and 16 bits.
      error = bytes[0] === 11 && bytes[1] === 0xcd ? bytes.readUInt16LE(2) : -1;
    });
    return new Promise((resolve) => socket.on("close", (code) => resolve({ code, error })));
  }

  async function fullPrivateMatch(): Promise<{ own: Room<any, any>; guest: Client }> {
    const own = host.keep(await (await host.signedInClient()).create<any>("tag", { mode: "pair" }));
    host.keep(await (await host.signedInClient()).joinById<any>(own.roomId));
    return { own, guest: await host.signedInClient() };
  }
});
