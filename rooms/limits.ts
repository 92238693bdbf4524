/** Limits for clients, and how long a room waits. In ms, bytes and counts. */
/** How long a disconnected client keeps its seat. */
export const RECONNECT_MS = 20_000;
/** The same in a match of the queue that has not started: the others are waiting for it. */
export const RECONNECT_BEFORE_START_MS = 5000;
/** How long the room of an ended match stays open, so that clients can show the result. */
export const RESULT_MS = 15_000;
/** How long a queue match waits for its players. Longer than the reservation of a ticket, which is valid for 30 s. */
export const QUEUE_JOIN_MS = 40_000;
/**
 * How long a reserved seat counts towards the player's limit. Longer than the reservation of the framework, which is valid for 15
 * s.
 */
export const SEAT_CLAIM_MS = 20_000;
/** How many players may watch a match at a time. */
export const SPECTATORS_MAX = 20;
/** How long a connected client may take to complete its join. */
export const JOIN_ANSWER_MS = 10_000;

/** How many frames of a client may wait for their tick, as a duration. Each further frame replaces the oldest. */
export const BUFFER_MS = 200;
/** How long a player's latest frame is repeated while no new frame arrives. Then the player's character stands still. */
export const HOLD_MS = 200;

/** How far in the past a client shows the other players, in addition to the delay of its connection. */
export const INTERPOLATION_MS = 100;

/** Limit of inputs and pings together: three messages per tick, and some more for a burst after a stall. */
export const messagesPerSecond = (tickRate: number): number => tickRate * 3 + 40;
/**
 * Unsent bytes above which a client that reads too slowly is disconnected. Checked once a second, so the total stays below 1 MiB.
 */
export const UNSENT_BYTES_MAX = 1 << 18;

/** The longest interval of a timer (25 days), longer than any room lives. */
export const NEVER_MS = 2 ** 31 - 1;

/** How many messages of a match may wait for the game's moderation. */
export const WAITING_MESSAGES_MAX = 64;
/** How many commands of one player a step applies at most. */
export const COMMANDS_PER_TICK = 16;
