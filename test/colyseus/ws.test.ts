/** Tests the private part of `ws` that `src/platform/adapters/ws` uses, on the WebSockets of Colyseus's transport. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { Socket } from "node:net";
import { matchMaker } from "@colyseus/core";
import { Protocol } from "@colyseus/shared-types";
import { WebSocket } from "ws";
import { openTcpSocket } from "../../src/platform/adapters/ws/openTcpSocket.ts";
import { PinRoom } from "./PinRoom.ts";
import { eventually, PlainServer } from "./PlainServer.ts";

/** Not a message of the framework's protocol. */
const OWN = 31;

/** `bytes` as a binary message of a server, framed according to RFC 6455, section 5.2. */
function framed(bytes: Buffer): Buffer {
  if (bytes.length < 126) return Buffer.concat([Buffer.of(0x82, bytes.length), bytes]);
  const head = Buffer.of(0x82, 127, 0, 0, 0, 0, 0, 0, 0, 0);
  head.writeUInt32BE(bytes.length, 6);
  return Buffer.concat([head, bytes]);
}

describe("adapters of ws: openTcpSocket", () => {
  const server = new PlainServer();
  const clients: WebSocket[] = [];
  before(() => server.start({ pin: PinRoom }));
  afterEach(() => {
    for (const client of clients.splice(0)) client.close(4000);
  });
  after(() => server.stop());

  const open = async () => {
    const { processId, roomId, sessionId } = await matchMaker.create("pin");
    const local = matchMaker.getLocalRoomById(roomId) as any;
    const address = `${server.url.replace("http", "ws")}/${processId}/${roomId}?sessionId=${sessionId}`;
    // It offers compression, as a browser does.
    const client = new WebSocket(address);
    clients.push(client);
    await once(client, "message");
    client.send(Uint8Array.of(Protocol.JOIN_ROOM));
    await eventually(() => local.clients.get(sessionId)?.state === 1);
    const got: Buffer[] = [];
    client.on("message", (bytes: Buffer) => {
      if (bytes[0] === OWN) got.push(bytes);
    });
    return { client, got, webSocket: local.clients.get(sessionId).ref as WebSocket };
  };

  it("finds the TCP socket of a client, on which nothing is compressed", async () => {
    const { webSocket } = await open();
    assert.ok(openTcpSocket(webSocket) instanceof Socket);
    assert.equal(webSocket.extensions, "");
  });

  it("finds a socket that accepts whole frames between the messages of ws", async () => {
    const { got, webSocket } = await open();
    const tcp = openTcpSocket(webSocket)!;
    webSocket.send(Buffer.of(OWN, 1));
    tcp.write(framed(Buffer.of(OWN, 2)));
    webSocket.send(Buffer.of(OWN, 3));
    tcp.write(Buffer.concat([framed(Buffer.of(OWN, 4)), framed(Buffer.of(OWN, 5))]));
    await eventually(() => got.length === 5);
    assert.deepEqual(
      got.map((bytes) => bytes[1]),
      [1, 2, 3, 4, 5],
    );
  });

  it("finds a socket that sends writes immediately, and whose backlog is the bufferedAmount of ws", async () => {
    const { client, got, webSocket } = await open();
    const tcp = openTcpSocket(webSocket)!;
    tcp.write(framed(Buffer.of(OWN)));
    assert.equal(tcp.writableLength, 0);
    client.pause();
    let written = 1;
    for (; tcp.writableLength === 0; written++) tcp.write(framed(Buffer.alloc(100_000, OWN)));
    assert.equal(webSocket.bufferedAmount, tcp.writableLength);
    client.resume();
    await eventually(() => got.length === written);
    assert.equal(tcp.writableLength, 0);
  });

  it("finds none once the WebSocket is closing", async () => {
    const { webSocket } = await open();
    const closed = once(webSocket, "close");
    webSocket.close(4000);
    assert.equal(openTcpSocket(webSocket), null);
    await closed;
    assert.equal(openTcpSocket(webSocket), null);
  });
});
