/**
 * Catches each exception that a room throws while it handles a client's message, by wrapping `Room._onMessage`.
 *
 * Reason: `onUncaughtException` covers only message handlers. Other exceptions escape from the listener of the socket's `message`
 * event, and end the process. A client can cause two of them. First, the framework decodes the message type outside of its `try`.
 * Second, if a message has no handler, the framework closes the connection with the type as the reason, and `ws` throws if the
 * reason is longer than 123 bytes.
 * Remove when: upstream offers a hook for everything that `_onMessage` throws, or closes the connection that the message came
 * from.
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
