/**
 * The state that processes share through one Redis connection: the framework's presence and its driver. Without REDIS_URL, both
 * are in memory.
 */
import { randomUUID } from "node:crypto";
import { LocalPresence, type MatchMakerDriver, type Presence } from "@colyseus/core";
import { Redis } from "ioredis";
import type { Logger } from "pino";
import { MemoryDriver } from "../../matchmaking/roomDriver/MemoryDriver.ts";
import { RedisDriver } from "../../matchmaking/roomDriver/RedisDriver.ts";
import type { SeatQueries } from "../../matchmaking/roomDriver/roomIndex.ts";
import { SharedPresence } from "../../matchmaking/roomDriver/SharedPresence.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import type { Health } from "../../platform/health/Health.ts";
import { JoinProbe } from "../health/JoinProbe.ts";

export interface SharedState {
  /** Null without REDIS_URL. */
  readonly redis: Redis | null;
  readonly presence: Presence;
  readonly driver: MatchMakerDriver & SeatQueries;
  close(): void;
}

export function openSharedState({ redisUrl, namespace }: Config, health: Health, log: Logger): SharedState {
  if (redisUrl === undefined)
    return { redis: null, presence: new LocalPresence(), driver: new MemoryDriver(), close() {} };
  // While Redis is unavailable, a request fails with the reason instead of waiting.
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
  redis.on("error", (error) => log.debug({ error: error.message }, "Redis unavailable"));
  const onPublishError = (error: unknown) =>
    log.debug({ error: (error as Error).message }, "publishing to Redis failed");
  const presence = new SharedPresence(redisUrl, namespace, onPublishError);
  const probe = new JoinProbe({ redis, presence, namespace, id: randomUUID(), url: redisUrl });
  health.addSource(() => probe.conditions());
  return {
    ...{ redis, presence },
    driver: new RedisDriver(redis, namespace, { onPublishError }),
    close: () => redis.disconnect(),
  };
}
