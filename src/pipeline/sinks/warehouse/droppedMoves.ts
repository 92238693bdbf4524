/** The moves that the warehouse does not store, recognised by the header `id` of their message, without its value. */
import { isUuidV7, uuidV7TimeMs } from "../../events/eventDate.ts";
import type { LogMessage } from "../../log/EventLog.ts";

export const MOVE_TOPIC = "logs_move";

const MOVE_ID = /^(.{36}):(0|[1-9]\d{0,9}):logs_move$/;
const TICK_MAX = 0xffffffff;

interface Move {
  readonly tick: number;
  /** The time in the match id, Unix ms. */
  readonly timeMs: number;
}

/** Null if the message has another topic, or a header `id` that its value cannot match. */
export function moveOf({ topic, headers: { id = "" } }: Pick<LogMessage, "topic" | "headers">): Move | null {
  const parts = topic === MOVE_TOPIC ? MOVE_ID.exec(id) : null;
  if (parts === null || !isUuidV7(parts[1])) return null;
  const tick = Number(parts[2]);
  return tick > TICK_MAX ? null : { tick, timeMs: uuidV7TimeMs(parts[1]) };
}
