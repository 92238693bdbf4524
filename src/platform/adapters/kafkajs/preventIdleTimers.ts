/**
 * Prevents kafkajs from setting a timer for waiting requests while no request waits. Import it before a client is created.
 *
 * Reason: after every response of a broker, kafkajs 2.2.4 (`src/network/requestQueue`; this is the latest release) sets a timer
 * for waiting requests even if there are none. Such a timer does nothing. If the broker has not asked for a pause, its delay is
 * minus the current time in milliseconds, and Node 24 prints a `TimeoutNegativeWarning` for the first one. A request that has to
 * wait sets the timer itself.
 * Remove when: a release of kafkajs sets this timer only while requests wait.
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
