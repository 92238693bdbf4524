/**
 * Opens connections to Redis that are replaced if the server no longer answers, or is no longer the primary.
 *
 * After a failover, the old connection may stay open, to a server that now refuses writes (READONLY). ioredis then connects again
 * and repeats the command. A Sentinel, a proxy or a host name leads the new connection to the new primary.
 */
import { Redis, type RedisOptions } from "ioredis";
import { redisLocation } from "./location.ts";

const CONNECT_MS = 5_000;
/** A command fails if it has no answer after this time, also if no Sentinel answers, for which ioredis itself has no limit. */
const COMMAND_MS = 10_000;
/**
 * Interval of the test whether the server answers. `socketTimeout` of ioredis 5 is not used: it may end the connection that
 * replaced a dead one.
 */
const PING_EVERY_MS = 5_000;
/**
 * After connecting again, commands to a server that is still read-only fail with READONLY for this time. Otherwise they would be
 * repeated endlessly, and never fail.
 */
const RECONNECT_EVERY_MS = 1_000;

export interface OpenRedisOptions extends RedisOptions {
  /** Called when this connection is replaced because its server has become read-only. */
  readonly onReadOnly?: () => void;
}

/** The present error of each connection that is not ready. */
const connectionErrors = new WeakMap<object, Error>();

/**
 * While Redis is unavailable, a command fails with the reason instead of waiting. The caller need not handle the event `error`.
 * `options` replace these defaults.
 */
export function openRedis(url: string, { onReadOnly, ...options }: OpenRedisOptions = {}): Redis {
  const all: RedisOptions = {
    maxRetriesPerRequest: 1,
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    reconnectOnError: (error) => reconnectIfReadOnly(error),
    ...options,
  };
  const { sentinel, tls, url: plainUrl } = redisLocation(url);
  const redis =
    sentinel === null ? new Redis(plainUrl, tls === null ? all : { ...all, tls }) : new Redis({ ...sentinel, ...all });
  let isReconnecting = false;
  let reconnectedAt = Number.NEGATIVE_INFINITY;
  /** 2: connect again, and repeat the command. */
  function reconnectIfReadOnly({ message }: Error): false | 2 {
    if (!/\bREADONLY\b/.test(message)) return false;
    // The other commands that were sent before the connection was closed are repeated too.
    if (isReconnecting) return 2;
    if (performance.now() - reconnectedAt < RECONNECT_EVERY_MS) return false;
    isReconnecting = true;
    reconnectedAt = performance.now();
    onReadOnly?.();
    return 2;
  }
  redis.on("ready", () => {
    isReconnecting = false;
    connectionErrors.delete(redis);
  });
  redis.on("error", (error: Error) => void connectionErrors.set(redis, error));
  if (all.commandTimeout !== undefined) keepTesting(redis);
  return redis;
}

/**
 * Replaces the connection whenever the server has not answered for `COMMAND_MS`, because a connection can stay open after its
 * server is gone. Commands of the connection must have a time limit.
 */
export function keepTesting(redis: Redis): void {
  const test = async () => {
    if (redis.status !== "ready") return;
    await redis.ping().catch(({ message }: Error) => {
      if (message === "Command timed out" && redis.status === "ready") redis.disconnect(true);
    });
  };
  const timer = setInterval(() => void test(), PING_EVERY_MS).unref();
  redis.once("end", () => clearInterval(timer));
}

/** Why the connection is not ready; null if it is ready. Says more than the error of a command that waited for the connection. */
export const connectionErrorOf = (redis: object): Error | null => connectionErrors.get(redis) ?? null;
