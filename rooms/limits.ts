/**
 * Owns the limits that a room holds clients to, and the times it waits. In ms, bytes and counts.
 */
import type { MatchSource } from "../schema/joinOptions.ts";

/** How long a dropped client's body waits for it. */
export const RECONNECT_MS = 20_000;
/** How long an ended match stays open for its result to be read. */
export const RESULT_MS = 15_000;
/** How long a match of the queue is kept for those who were sent to it: a ticket's seat is held for 30 s. */
export const QUEUE_JOIN_MS = 40_000;
/** How long a new room waits for the first client to sit down: the framework holds a reservation for 15 s. */
export const firstJoinMs = (source: MatchSource): number => (source === "queue" ? QUEUE_JOIN_MS : 20_000);
/** How long a connected client may take to acknowledge its seat. */
export const JOIN_ANSWER_MS = 10_000;

/** Frames of a client that wait for their tick; what comes on top pushes the oldest out. */
export const BUFFER_MS = 200;
/** How long the last frame is repeated when none has come, before the body stands still. */
export const HOLD_MS = 200;

/** Oldest view that a frame may claim, whatever was measured. */
export const REWIND_MAX_MS = 250;
/** How far in the past clients show the others, on top of the connection's delay. */
export const INTERPOLATION_MS = 100;

/** Inputs and pings count. Three times the inputs of the tick rate, and some to spare for a burst after a stall. */
export const messagesPerSecond = (tickRate: number): number => tickRate * 3 + 40;
/** Unsent bytes at which a client that reads too slowly is cut off. Looked at once a second, so that it never comes to 1 MiB. */
export const UNSENT_BYTES_MAX = 1 << 18;

/** Longer than any room lives; the longest interval that a timer takes. */
export const NEVER_MS = 2 ** 31 - 1;
