/** Stores in Redis which installation the keys of a NAMESPACE belong to, and when a process of it was last seen. */
import type { Redis } from "ioredis";
import { redisLocation } from "../../platform/redis/location.ts";
import { openRedis } from "../../platform/redis/openRedis.ts";
import { describeRedisProblem } from "../../platform/redis/problem.ts";

const KEEP_SCRIPT = `
  local owner = redis.call('hget', KEYS[1], 'id')
  if not owner then
    owner = ARGV[1]
    redis.call('hset', KEYS[1], 'id', owner)
  end
  if owner == ARGV[1] then redis.call('hset', KEYS[1], 'seen', redis.call('time')[1]) end
  return owner`;
const REPLACE_SCRIPT = `
  redis.call('hset', KEYS[1], 'id', ARGV[1])
  redis.call('hdel', KEYS[1], 'seen')`;
const READ_SCRIPT = `
  local seen = redis.call('hget', KEYS[1], 'seen')
  return { redis.call('hget', KEYS[1], 'id'), seen and redis.call('time')[1] - seen }`;

export class RedisOwner {
  readonly host: string;
  readonly #redis: Redis;
  readonly #place: Parameters<typeof describeRedisProblem>[1];
  readonly #key: string;

  constructor(url: string, namespace: string) {
    const { address, user } = redisLocation(url);
    this.host = address;
    this.#place = { address, user, namespace };
    this.#key = `${namespace}installation`;
    this.#redis = openRedis(url, { lazyConnect: true });
  }

  /** A value is null if it is not stored. Rejects with one line, as the other methods do. */
  async read(): Promise<{ readonly id: string | null; readonly seenSecondsAgo: number | null }> {
    const [id, seenSecondsAgo] = (await this.#run(READ_SCRIPT)) as [string | null, number | null];
    return { id, seenSecondsAgo };
  }

  /** Claims the keys if nobody owns them, notes that their owner is alive, and resolves to the owner. */
  async keep(id: string): Promise<string> {
    return (await this.#run(KEEP_SCRIPT, id)) as string;
  }

  async replace(id: string): Promise<void> {
    await this.#run(REPLACE_SCRIPT, id);
  }

  close(): void {
    this.#redis.disconnect();
  }

  async #run(script: string, ...args: string[]): Promise<unknown> {
    try {
      return await this.#redis.eval(script, 1, this.#key, ...args);
    } catch (error) {
      throw new Error(describeRedisProblem(error as Error, this.#place), { cause: error });
    }
  }
}
