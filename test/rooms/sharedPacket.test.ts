import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { SharedPacket } from "../../rooms/match/SharedPacket.ts";
import { openTcpSocket } from "../../src/platform/adapters/ws/openTcpSocket.ts";

describe("shared packet", () => {
  let server: WebSocketServer;
  const sockets: Socket[] = [];
  const clients: { readonly ws: WebSocket; readonly got: Buffer[] }[] = [];

  before(async () => {
    server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
    server.on("connection", (ws) => sockets.push(openTcpSocket(ws)!));
    await once(server, "listening");
    for (let i = 0; i < 3; i++) {
      const ws = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
      const got: Buffer[] = [];
      ws.on("message", (bytes: Buffer) => got.push(bytes));
      await once(ws, "open");
      clients.push({ ws, got });
    }
  });
  after(() => {
    for (const { ws } of clients) ws.terminate();
    server.close();
  });

  it("reaches each socket complete and with that socket's own bytes, at every length, even if a socket does not read for a while", async () => {
    const packet = new SharedPacket();
    const lengths = [1, 125, 126, 65_535, 65_536, 1_000_000];
    clients[2].ws.pause();
    const rounds = 90;
    for (let round = 0; round < rounds; round++) {
      const length = lengths[round % lengths.length];
      packet.clear();
      const at = packet.appendMessage(length);
      packet.bytes.fill(round, at);
      const second = packet.appendMessage(2);
      for (const [mark, socket] of sockets.entries()) {
        packet.bytes.set([mark, round], second);
        packet.writeTo(socket);
      }
    }
    assert.ok(sockets[2].writableLength > 0, "the socket that does not read has not received everything");
    clients[2].ws.resume();
    for (const { ws, got } of clients) while (got.length < 2 * rounds) await once(ws, "message");
    for (const [mark, { got }] of clients.entries()) {
      for (let round = 0; round < rounds; round++) {
        const [long, short] = got.slice(2 * round);
        assert.ok(long.equals(Buffer.alloc(lengths[round % lengths.length], round)));
        assert.deepEqual([...short], [mark, round]);
      }
    }
  });
});
