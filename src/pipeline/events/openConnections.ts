/**
 * Keeps the event `connected` of each connection that has not ended, in the key-value area of an outbox's drain. The event
 * `disconnected` is made from it if the process dies.
 */
import { v7 as uuidv7 } from "uuid";
import { decodeMessageRecord, encodeMessageRecord, isMessageRecord } from "./messageRecord.ts";
import { RecordDamaged } from "./RecordCursor.ts";

/** Prefix of the keys in the drain's key-value area. */
const PREFIX = "connection/";
const TOPIC = "logs_player";
/** The records are read here for their values only. */
const NO_ORIGIN = { outboxId: "", number: 0 };

/** The `reason` of the connections that end with their process. */
export const PROCESS_DIED = "process_died";

/** A `connected`, as the build that recorded it has declared it. */
interface Connected {
  readonly kind: "connected";
  readonly at: number;
  readonly player: string;
}

/** Whether a connection of a player begins or ends with this record, as a change of the key-value area; null if neither. */
export function connectionChange(bytes: Uint8Array): [key: string, value: Uint8Array | null] | null {
  if (!isMessageRecord(bytes)) return null;
  const value = valueIn(bytes);
  if (value === null) return null;
  const { kind, connection } = JSON.parse(value);
  if (kind === "connected") return [PREFIX + connection, Buffer.from(value)];
  return kind === "disconnected" ? [PREFIX + connection, null] : null;
}

function valueIn(bytes: Uint8Array): string | null {
  try {
    const { topic, value } = decodeMessageRecord(bytes, NO_ORIGIN);
    return topic === TOPIC ? String(value) : null;
  } catch (error) {
    if (error instanceof RecordDamaged) return null;
    throw error;
  }
}

/** The open connections in a drain's key-value area, by key. */
export function openConnectionsIn(state: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> {
  return new Map([...state].filter(([key]) => key.startsWith(PREFIX)));
}

/** The record that ends an open connection. @param lastSeenAt when its process was last seen, Unix ms */
export function endOfConnection(connected: Uint8Array, lastSeenAt: number): Buffer {
  const begun: Connected = JSON.parse(Buffer.from(connected).toString());
  const at = Math.max(begun.at, lastSeenAt);
  const value = { ...begun, at, kind: "disconnected", connectedAt: begun.at, reason: PROCESS_DIED };
  return encodeMessageRecord({ topic: TOPIC, key: begun.player, id: uuidv7({ msecs: at }), value });
}
