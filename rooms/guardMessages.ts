/**
 * Owns the last line before a room's message handling: bytes that cannot be decoded close the one connection that they
 * came from, and nothing else.
 *
 * The framework decodes message types outside of its own try, so that a truncated message throws out of the socket's
 * event and would take the process down.
 */
import type { Client, Room } from "@colyseus/core";

type Deliver = (client: Client, bytes: Buffer) => void;

/** Call before the first client joins. `refuse` is told of each message that failed. */
export function guardMessages(room: Room, refuse: (client: Client, error: unknown) => void): void {
  const inner = room as unknown as { _onMessage: Deliver };
  const deliver = inner._onMessage;
  inner._onMessage = (client, bytes) => {
    try {
      deliver.call(room, client, bytes);
    } catch (error) {
      refuse(client, error);
    }
  };
}
