/**
 * The lowest possible cost of a room server: a bare `ws` server that sends frames of one size to groups of clients at one rate,
 * and reads every byte of each input. The groups are spread over the interval. No rooms, no state, no rules.
 *
 * Arguments: number of clients, group size, rate in Hz, bytes of a frame. Prints its port when it listens, and on SIGTERM its
 * lateness.
 */
import { createHistogram } from "node:perf_hooks";
import { type WebSocket, WebSocketServer } from "ws";
import { FixedRateTimer, processClock } from "../../loadtest/FixedRateTimer.ts";

const [clients, groupSize, rate, frameBytes] = process.argv.slice(2).map(Number);
const groups: WebSocket[][] = Array.from({ length: Math.ceil(clients / groupSize) }, () => []);
const late = createHistogram({ highest: 60_000_000, figures: 3 });
let joined = 0;
let checksum = 0;

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false }, () => {
  console.log((server.address() as { port: number }).port);
});
server.on("connection", (socket) => {
  groups[Math.floor(joined++ / groupSize) % groups.length].push(socket);
  socket.on("message", (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; at++) checksum = (checksum + bytes[at]) | 0;
  });
});

new FixedRateTimer(groups.length, rate, processClock, (index, lateMs) => {
  late.record(Math.max(1, Math.round(lateMs * 1000)));
  // A separate frame for each client, because real frames contain each client's own acknowledgement.
  for (const socket of groups[index]) socket.send(Buffer.alloc(frameBytes, checksum & 1));
});

process.once("SIGTERM", () => {
  console.log(JSON.stringify({ lateP99Ms: late.percentile(99) / 1000 }));
  process.exit(0);
});
