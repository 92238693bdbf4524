/**
 * Finds the TCP socket below a WebSocket, to write frames to it that are framed already.
 *
 * Reason: `ws` frames every message anew for each socket and writes header and payload as pieces of their own. A room's frame is the
 * same for all its clients.
 * Remove when: `ws` offers to send a frame that is built already, or to frame a message once for many sockets.
 */
import type { Socket } from "node:net";
import type { WebSocket } from "ws";

/** What `ws` calls OPEN. */
const OPEN = 1;

type WithSocket = WebSocket & { readonly _socket?: Socket | null };

/** Null unless the WebSocket is open. Write only whole frames, and only where neither side compresses. */
export function openTcpSocket(webSocket: WebSocket): Socket | null {
  const { readyState, _socket: socket } = webSocket as WithSocket;
  return readyState === OPEN && socket ? socket : null;
}
