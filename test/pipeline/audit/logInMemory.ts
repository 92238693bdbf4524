import { setImmediate } from "node:timers/promises";
import type { BatchHandler, EventLog } from "../../../src/pipeline/log/EventLog.ts";
import type { LakeLog } from "../sinks/lakeUnderTest.ts";

/** A log that delivers everything that the partitions have now to each group. */
export function logInMemory(partitions: readonly LakeLog[]): EventLog {
  const deliver = async (topics: readonly string[], handler: BatchHandler) => {
    await setImmediate();
    for (const partition of partitions)
      if (topics.includes(partition.topic)) await partition.deliver(handler, () => 50);
    for (let calls = 0; calls < 3; calls++) await handler.onIdle?.();
  };
  return {
    async consume(_group, topics, handler) {
      const delivered = deliver(topics, handler);
      return {
        stopped: delivered.then(() => new Promise<void>(() => {})),
        ...{ lagSeconds: () => 0, isCaughtUp: () => true, hasJoined: () => true, problems: () => [] },
        stop: () => delivered,
      };
    },
    publish: () => Promise.reject(new Error("only for reading")),
    ...{ problem: () => null, warnings: () => [], close: async () => {} },
  };
}
