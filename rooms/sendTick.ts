/** Owns what leaves for the clients in a tick: the patch and the facts, in one write per client. */
import type { Socket } from "node:net";
import { type Client, ClientState, type Room } from "@colyseus/core";

/** `ws` keeps its TCP socket to itself, and has no way to send two messages in one write. */
const tcpOf = (client: Client): Socket | undefined => (client.ref as unknown as { _socket?: Socket })._socket;

/** Sends the room's patch, then `facts` (null: none). Clients that have not taken up their seat get neither. */
export function sendTick(room: Room, facts: Uint8Array | null): void {
  const { clients } = room;
  if (facts === null) {
    room.broadcastPatch();
    return;
  }
  for (const client of clients) tcpOf(client)?.cork();
  try {
    room.broadcastPatch();
    for (const client of clients) if (client.state === ClientState.JOINED) client.raw(facts);
  } finally {
    for (const client of clients) tcpOf(client)?.uncork();
  }
}
