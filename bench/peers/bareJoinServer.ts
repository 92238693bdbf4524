/**
 * The server with the lowest possible cost of a join. Node's HTTP server answers a request for a seat, and a bare `ws` server
 * sends two messages to each client. No identities, no lookups. Prints its port when it listens.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

const JOIN_ROOM = Buffer.from([10]);
const STATE = Buffer.concat([Buffer.from([14]), Buffer.alloc(1000)]);
let seats = 0;

const http = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    const body = JSON.stringify({ processId: "process", roomId: "room", sessionId: `session${seats++}` });
    response.writeHead(200, { "content-type": "application/json" }).end(body);
  });
});
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
sockets.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.send(JOIN_ROOM);
  socket.once("message", () => {
    socket.send(STATE);
    socket.once("message", () => socket.close());
  });
});
http.listen(0, "127.0.0.1", () => console.log((http.address() as AddressInfo).port));
