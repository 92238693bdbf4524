/** Tests of the private parts of Colyseus on which spectators rely. */
import assert from "node:assert/strict";
import { matchMaker } from "@colyseus/core";
import { Protocol } from "@colyseus/shared-types";
import { ignoreInputs } from "../../src/platform/adapters/colyseus/inputBuffer.ts";
import { countReservedSeats, dropReservations } from "../../src/platform/adapters/colyseus/seatReservations.ts";
import { leaveOutOfPlayers } from "../../src/platform/adapters/colyseus/uncountedClients.ts";
import { PinRoom } from "./PinRoom.ts";
import { eventually, PlainServer } from "./PlainServer.ts";

describe("adapters of Colyseus for spectators", () => {
  const server = new PlainServer();
  before(() => server.start({ pin: PinRoom }));
  after(() => server.stop());

  const open = async () => {
    const room = server.leaveAtStop(await (await server.client()).create<any>("pin"));
    const local = matchMaker.getLocalRoomById(room.roomId) as any;
    await eventually(() => local.clients.get(room.sessionId)?.state === 1);
    return { room, local, client: local.clients.get(room.sessionId) };
  };

  it("ignoreInputs: nothing of a client's inputs is decoded or kept", async () => {
    const { room, local, client } = await open();
    const { _inputDecoder: decoder } = client;
    for (const method of ["decode", "decodeAll"]) decoder[method] = () => assert.fail("decoded");
    ignoreInputs(client);
    for (const code of [Protocol.ROOM_INPUT_RELIABLE, Protocol.ROOM_INPUT_UNRELIABLE])
      room.connection.send(Uint8Array.of(code, 1, 2, 3));
    await room.leave();
    await eventually(() => local.story.includes("leave 4000"));
    assert.deepEqual([client._inputBuffer.size, local.inputs.get(room.sessionId).size], [0, 0]);
  });

  it("leaveOutOfPlayers: the framework counts all clients who have joined as players of the process, except those", async () => {
    const { local } = await open();
    const { local: process } = matchMaker.stats;
    const counted = await (await server.client()).joinById<any>(local.roomId);
    const { ccu } = process;
    leaveOutOfPlayers(local, { has: (sessionId) => sessionId !== counted.sessionId });
    const watcher = await (await server.client()).joinById<any>(local.roomId);
    assert.equal(process.ccu, ccu);
    for (const room of [watcher, counted]) await room.leave();
    await eventually(() => local.clients.length === 1 && process.ccu === ccu - 1);
  });

  it("countReservedSeats: leaves out given sessions", async () => {
    const { local } = await open();
    for (const sessionId of ["a", "b"]) assert.equal(await local._reserveSeat(sessionId, {}, {}), true);
    assert.deepEqual([countReservedSeats(local), countReservedSeats(local, new Set(["a"]))], [2, 1]);
    dropReservations(local);
  });
});
