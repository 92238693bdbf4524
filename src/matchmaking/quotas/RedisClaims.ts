/**
 * The claims of all processes together. Keys after the prefix: `processes` (sorted set: processes by the time until which they
 * count as alive), `NAME` (hash by id: the process, and the time until which the id counts; 0: until it is removed).
 *
 * Each process announces at intervals that it is alive. The ids of a set are checked only when the set is full: then those of dead
 * processes are removed. So the ids need not be renewed one by one, and the cost does not grow with their number.
 */
import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { ClaimSet, Claims } from "./Claims.ts";

/** A process that is silent for this long counts as dead. */
export const ALIVE_MS = 30_000;
const ANNOUNCE_EVERY_MS = 10_000;
/** Removes the sets of players who never come back. Longer than any room is open. */
const SET_KEPT_MS = 86_400_000;

/**
 * ARGV: process, how long it counts as alive (ms), id or empty, how long the id counts (ms; 0: until removed), lifetime of a set
 * (ms), then name and limit of each set. Returns the index of the first full set, or −1.
 */
const ADD = `
local P, process, id, ms = KEYS[1], ARGV[1], ARGV[3], tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', P .. 'processes', now + ARGV[2], process)
redis.call('ZREMRANGEBYSCORE', P .. 'processes', '-inf', now)
local function removeDead(key)
  local alive = {}
  local claims = redis.call('HGETALL', key)
  for i = 1, #claims, 2 do
    local holder, untilMs = string.match(claims[i + 1], '^(.*)|(%d+)$')
    if alive[holder] == nil then alive[holder] = redis.call('ZSCORE', P .. 'processes', holder) and true or false end
    untilMs = tonumber(untilMs)
    if not alive[holder] or (untilMs > 0 and untilMs <= now) then redis.call('HDEL', key, claims[i]) end
  end
end
for i = 6, #ARGV, 2 do
  local key, max = P .. ARGV[i], tonumber(ARGV[i + 1])
  if id == '' or redis.call('HEXISTS', key, id) == 0 then
    if redis.call('HLEN', key) >= max then removeDead(key) end
    if redis.call('HLEN', key) >= max then return (i - 6) / 2 end
  end
end
if id == '' then return -1 end
for i = 6, #ARGV, 2 do
  redis.call('HSET', P .. ARGV[i], id, process .. '|' .. string.format('%d', ms > 0 and now + ms or 0))
  redis.call('PEXPIRE', P .. ARGV[i], ARGV[5])
end
return -1`;

/** ARGV: id, then the names of sets. */
const REMOVE = `
for i = 2, #ARGV do redis.call('HDEL', KEYS[1] .. ARGV[i], ARGV[1]) end`;

interface Scripted {
  quotaAdd(prefix: string, ...args: (string | number)[]): Promise<number>;
  quotaRemove(prefix: string, id: string, ...names: string[]): Promise<null>;
}

export class RedisClaims implements Claims {
  readonly #redis: Redis & Scripted;
  readonly #prefix: string;
  readonly #process = randomUUID();
  readonly #timer: NodeJS.Timeout;

  /** The caller closes the connection. `namespace` may be empty. */
  constructor(redis: Redis, namespace: string) {
    redis.defineCommand("quotaAdd", { numberOfKeys: 1, lua: ADD });
    redis.defineCommand("quotaRemove", { numberOfKeys: 1, lua: REMOVE });
    this.#redis = redis as Redis & Scripted;
    this.#prefix = `${namespace}{quota}:`;
    // If an announcement fails, the next one replaces it.
    this.#timer = setInterval(() => void this.add([], null, 0).catch(() => {}), ANNOUNCE_EVERY_MS).unref();
  }

  add(sets: readonly ClaimSet[], id: string | null, ms: number): Promise<number> {
    const lasts = Number.isFinite(ms) ? ms : 0;
    const args = sets.flatMap(({ name, max }) => [name, max]);
    return this.#redis.quotaAdd(this.#prefix, this.#process, ALIVE_MS, id ?? "", lasts, SET_KEPT_MS, ...args);
  }

  async remove(names: readonly string[], id: string): Promise<void> {
    await this.#redis.quotaRemove(this.#prefix, id, ...names);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
