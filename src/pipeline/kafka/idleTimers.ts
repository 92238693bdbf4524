/**
 * Owns the mending of one place in kafkajs 2.2.4 (`src/network/requestQueue`, the last release): after every answer of a broker it sets a
 * timer for requests that wait, though none does, and where the broker has asked for no pause the timer's delay is minus today's
 * date in milliseconds. Node 24 prints a `TimeoutNegativeWarning` for the first of these, and each is a timer that does nothing.
 *
 * A request that comes to wait sets the timer itself, so without one that waits none is needed. Must be imported before a client is made.
 */
import { createRequire } from "node:module";

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

const { prototype } = createRequire(import.meta.url)("kafkajs/src/network/requestQueue") as { prototype: RequestQueue };
const schedule = prototype.scheduleCheckPendingRequests;

prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.pending.length > 0) schedule.call(this);
};
