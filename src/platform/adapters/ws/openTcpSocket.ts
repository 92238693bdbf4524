/**
 * Returns the TCP socket of a WebSocket, to write complete frames to it.
 *
 * Reason: `ws` builds a frame for each socket separately, and writes header and payload in two pieces. A room's frame is the same for all
 * its clients.
 * Remove when: `ws` can send a frame that is already built, or can build a frame once for many sockets.
 */
import type { Socket } from "node:net";
import type { WebSocket } from "ws";

/** `WebSocket.OPEN` of `ws`. */
const OPEN = 1;

type WithSocket = WebSocket & { readonly _socket?: Socket | null };

/** Null unless the WebSocket is open. Write only whole frames, and only if compression is disabled. */
export function openTcpSocket(webSocket: WebSocket): Socket | null {
  const { readyState, _socket: socket } = webSocket as WithSocket;
  return readyState === OPEN && socket ? socket : null;
}
