/**
 * Catches what a room throws while it takes a client's message, by wrapping `Room._onMessage`.
 *
 * Reason: `onUncaughtException` covers only handlers. What the framework itself throws for a client's bytes leaves the socket's `message`
 * event and ends the process: it decodes the message type outside of its own `try`, and closes the connection of a client whose message
 * has no handler with the type as the reason, which `ws` refuses with an exception where it is longer than 123 bytes.
 * Remove when: upstream offers a hook for all that `_onMessage` throws, or closes the connection that the message came from.
 */
import type { Client, Room } from "@colyseus/core";

interface RoomWithOnMessage {
  _onMessage(client: Client, bytes: Buffer): void;
}

/** Call before the first client joins: the framework binds the method to each client as it joins. */
export function catchMessageErrors(room: Room, handle: (client: Client, error: unknown) => void): void {
  const receiver = room as unknown as RoomWithOnMessage;
  const deliver = receiver._onMessage;
  receiver._onMessage = (client, bytes) => {
    try {
      deliver.call(room, client, bytes);
    } catch (error) {
      handle(client, error);
    }
  };
}
