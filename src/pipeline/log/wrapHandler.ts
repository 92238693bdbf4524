import type { BatchHandler } from "./EventLog.ts";

/** Returns a handler that passes each call to `handler`, except the calls in `overrides`. */
export function wrapHandler(handler: BatchHandler, overrides: Partial<BatchHandler>): BatchHandler {
  return {
    maxBatchDelayMs: handler.maxBatchDelayMs,
    storesTogether: handler.storesTogether,
    onAssigned: (topic, partition, topicId) => handler.onAssigned(topic, partition, topicId),
    apply: (batch) => handler.apply(batch),
    storedOffset: handler.storedOffset?.bind(handler),
    keepsForMs: handler.keepsForMs?.bind(handler),
    onSkipped: (topic, partition, from, to) => handler.onSkipped(topic, partition, from, to),
    onRevoking: handler.onRevoking?.bind(handler),
    onRevoked: (topic, partition) => handler.onRevoked(topic, partition),
    onIdle: handler.onIdle?.bind(handler),
    ...overrides,
  };
}
