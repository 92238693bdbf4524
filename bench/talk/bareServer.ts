/**
 * The lowest possible cost of talking rooms: a bare `ws` server that collects the messages of a group and sends them to the whole
 * group in one frame per tick. The groups are spread over the interval. Arguments: group size, rate in Hz, bytes of a frame
 * without messages, bytes of a message, number of clients. Prints its port when it listens.
 */
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { FixedRateTimer, processClock } from "../../loadtest/FixedRateTimer.ts";

const [groupSize, rate, baseBytes, messageBytes, clients] = process.argv.slice(2).map(Number);
const MARK_BYTES = 4;

interface Group {
  readonly sockets: WebSocket[];
  messages: Buffer[];
}

const groups: Group[] = Array.from({ length: Math.ceil(clients / groupSize) }, () => ({ sockets: [], messages: [] }));
let joined = 0;

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false }, () => {
  console.log((server.address() as AddressInfo).port);
});
server.on("connection", (socket) => {
  const group = groups[Math.floor(joined++ / groupSize) % groups.length];
  group.sockets.push(socket);
  socket.on("message", (bytes: Buffer) => group.messages.push(bytes));
});

new FixedRateTimer(groups.length, rate, processClock, (index) => {
  const group = groups[index];
  const frame = Buffer.alloc(baseBytes + group.messages.length * messageBytes);
  for (const [index, message] of group.messages.entries())
    message.copy(frame, baseBytes + index * messageBytes, 1, 1 + MARK_BYTES);
  group.messages = [];
  for (const socket of group.sockets) socket.send(frame);
});
