/** Owns what a server process shares with others through Redis: one connection, the framework's presence, and its driver. */
import { LocalPresence, type MatchMakerDriver, type Presence } from "@colyseus/core";
import { Redis } from "ioredis";
import type { Logger } from "pino";
import { MemoryDriver } from "../../matchmaking/driver/MemoryDriver.ts";
import { RedisDriver } from "../../matchmaking/driver/RedisDriver.ts";
import { SharedPresence } from "../../matchmaking/driver/SharedPresence.ts";
import type { Config } from "../../platform/config/readConfig.ts";

interface Shared {
  /** Null for a program of one process. */
  readonly redis: Redis | null;
  readonly presence: Presence;
  readonly driver: MatchMakerDriver;
  close(): void;
}

export function openRedis({ redisUrl, namespace }: Config, log: Logger): Shared {
  if (redisUrl === undefined)
    return { redis: null, presence: new LocalPresence(), driver: new MemoryDriver(), close() {} };
  // Each request says what is wrong; it does not wait for Redis to come back.
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
  redis.on("error", (error) => log.debug({ error: error.message }, "Redis cannot be reached"));
  const onPublishError = (error: unknown) => log.debug({ error: (error as Error).message }, "Redis was not told");
  return {
    redis,
    presence: new SharedPresence(redisUrl, namespace, onPublishError),
    driver: new RedisDriver(redis, namespace, { onPublishError }),
    close: () => redis.disconnect(),
  };
}
