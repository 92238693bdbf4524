/** Requests as bytes on a socket, because HTTP clients refuse to send what attackers send. */
import { once } from "node:events";
import net from "node:net";

/** The headers of a request for a WebSocket. */
export const UPGRADE = [
  ...["connection: Upgrade", "upgrade: websocket", "sec-websocket-version: 13"],
  "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
];

/** Resolves to the beginning of the answer, and closes the connection: a WebSocket would stay open. */
export async function sendRaw(port: number, requestLine: string, headers: readonly string[]): Promise<string> {
  const socket = net.connect(port, "127.0.0.1");
  let answer = "";
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    answer += chunk;
    socket.destroy();
  });
  socket.write([`${requestLine} HTTP/1.1`, ...headers, "", ""].join("\r\n"));
  await once(socket, "close");
  return answer;
}
