/**
 * Keeps kafkajs from setting timers for requests that wait, where none does. Import before a client is made.
 *
 * Reason: after every answer of a broker, kafkajs 2.2.4 (`src/network/requestQueue`, the last release) sets a timer for waiting requests
 * though there are none. Where the broker has asked for no pause, its delay is minus today's date in milliseconds: Node 24 prints a
 * `TimeoutNegativeWarning` for the first, and each is a timer that does nothing. A request that has to wait sets the timer itself.
 * Remove when: kafkajs offers a release that sets this timer only while requests wait.
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
