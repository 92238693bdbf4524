/**
 * Makes kafkajs send heartbeats and refresh its metadata in time after the wall clock was set back. Import it before a client is
 * created.
 *
 * Reason: kafkajs 2.2.4 decides by `Date.now` when the next heartbeat and the next refresh are due. If the wall clock steps back by
 * an hour, it sends no heartbeat for an hour. So the group excludes the consumer, and gives it no partition during that hour.
 * Remove when: kafkajs measures these times by a monotonic clock.
 */
import { createRequire } from "node:module";

interface ConsumerGroup {
  lastRequest: number;
  heartbeat(options: { readonly interval: number }): Promise<void>;
}

interface BrokerPool {
  readonly metadataMaxAge: number;
  metadataExpireAt: number | null;
  refreshMetadataIfNecessary(topics: readonly string[]): Promise<unknown>;
}

const require = createRequire(import.meta.url);
const { prototype: group } = require("kafkajs/src/consumer/consumerGroup") as { prototype: ConsumerGroup };
const { prototype: pool } = require("kafkajs/src/cluster/brokerPool") as { prototype: BrokerPool };
const { heartbeat } = group;
const { refreshMetadataIfNecessary } = pool;

group.heartbeat = function (this: ConsumerGroup, options) {
  if (this.lastRequest > Date.now()) this.lastRequest = 0;
  return heartbeat.call(this, options);
};

pool.refreshMetadataIfNecessary = function (this: BrokerPool, topics) {
  if (this.metadataExpireAt !== null && this.metadataExpireAt > Date.now() + this.metadataMaxAge)
    this.metadataExpireAt = null;
  return refreshMetadataIfNecessary.call(this, topics);
};
