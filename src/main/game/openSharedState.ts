/**
 * The state that processes share through one Redis connection: the framework's presence and its driver. Without REDIS_URL, both
 * are in memory.
 */
import { randomUUID } from "node:crypto";
import { LocalPresence, type MatchMakerDriver, type Presence } from "@colyseus/core";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { MemoryDriver } from "../../matchmaking/roomDriver/MemoryDriver.ts";
import { RedisDriver } from "../../matchmaking/roomDriver/RedisDriver.ts";
import type { SeatQueries } from "../../matchmaking/roomDriver/roomIndex.ts";
import {
  type PresenceListener,
  type PresenceOperation,
  SharedPresence,
} from "../../matchmaking/roomDriver/SharedPresence.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import type { Health } from "../../platform/health/Health.ts";
import { FailureLog } from "../../platform/logging/FailureLog.ts";
import { openRedis } from "../../platform/redis/openRedis.ts";
import { JoinProbe } from "../health/JoinProbe.ts";
import { RedisStart } from "../health/RedisStart.ts";

export interface SharedState {
  /** Null without REDIS_URL. */
  readonly redis: Redis | null;
  readonly presence: Presence;
  readonly driver: MatchMakerDriver & SeatQueries;
  /**
   * Resolves once joins can use Redis. Rejects if this Redis can never be used. Resolves early if the signal is aborted.
   */
  untilUsable(signal: AbortSignal): Promise<void>;
  close(): void;
}

export function openSharedState({ redisUrl, namespace }: Config, health: Health, log: Logger): SharedState {
  if (redisUrl === undefined)
    return {
      ...{ redis: null, presence: new LocalPresence(), driver: new MemoryDriver() },
      async untilUsable() {},
      close() {},
    };
  const redis = openRedis(redisUrl);
  const presence = new SharedPresence(redisUrl, namespace, presenceLog(log));
  const listings = new FailureLog({ log, what: "writing a room listing to Redis" });
  const driver = new RedisDriver(redis, namespace, {
    onPublishError: (error) => listings.failed(error),
    onPublished: () => listings.succeeded(),
  });
  const probe = new JoinProbe({ redis, presence, namespace, id: randomUUID(), url: redisUrl });
  const start = new RedisStart({ redis, probe, health, url: redisUrl });
  health.addSource(() => (start.isOver ? probe.conditions() : []));
  return {
    ...{ redis, presence, driver },
    untilUsable: (signal) => start.untilUsable(signal),
    close() {
      start.stop();
      redis.disconnect();
    },
  };
}

function presenceLog(log: Logger): PresenceListener {
  const logs: Record<PresenceOperation, FailureLog> = {
    subscribing: new FailureLog({ log, what: "subscribing to the messages of other processes in Redis" }),
    publishing: new FailureLog({ log, what: "publishing a message for other processes in Redis" }),
    writing: new FailureLog({ log, what: "announcing this process in Redis" }),
  };
  return {
    failed: (operation, error) => logs[operation].failed(error),
    succeeded: (operation) => logs[operation].succeeded(),
  };
}
