/**
 * Returns the TCP socket of a WebSocket, so that complete WebSocket frames can be written to it.
 *
 * Reason: `ws` builds a WebSocket frame for each socket separately, and writes header and payload in two pieces. The frames of a
 * room are the same for all its clients.
 * Remove when: `ws` can send a WebSocket frame that is already built, or can build one once for many sockets.
 */
import type { Socket } from "node:net";
import type { WebSocket } from "ws";

/** `WebSocket.OPEN` of `ws`. */
const OPEN = 1;

type WithSocket = WebSocket & { readonly _socket?: Socket | null };

/** Returns null unless the WebSocket is open. Write only complete WebSocket frames, and only if compression is disabled. */
export function openTcpSocket(webSocket: WebSocket): Socket | null {
  const { readyState, _socket: socket } = webSocket as WithSocket;
  return readyState === OPEN && socket ? socket : null;
}
