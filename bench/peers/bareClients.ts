/**
 * Clients of the bare server: they send inputs of one size at one rate and ignore what they receive. Arguments: port, number of
 * clients, rate in Hz, bytes of an input. Prints a line when all are connected.
 */
import { once } from "node:events";
import { WebSocket } from "ws";
import { FixedRateTimer, processClock } from "../../loadtest/FixedRateTimer.ts";

const [port, clients, rate, inputBytes] = process.argv.slice(2).map(Number);
const sockets: WebSocket[] = [];
for (let i = 0; i < clients; i++) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  await once(socket, "open");
  socket.on("message", () => {});
  sockets.push(socket);
}
new FixedRateTimer(clients, rate, processClock, (index) => sockets[index].send(Buffer.alloc(inputBytes, index & 0xff)));
console.log("connected");
