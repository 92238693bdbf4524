/**
 * The live feed in Redis, shared by all processes: a capped stream, and a hash of cursors. One script moves a cursor by
 * compare-and-set and adds the entries. Both keys have the same hash tag, because in a cluster all keys of a script must be in
 * one slot. One blocking reader per process serves all its listeners.
 */
import type { Redis } from "ioredis";
import { Backoff } from "../../../platform/async/Backoff.ts";
import { within } from "../../../platform/async/waiting.ts";
import { type RedisLocation, redisLocation } from "../../../platform/redis/location.ts";
import { openRedis } from "../../../platform/redis/openRedis.ts";
import { describeRedisProblem, isUnavailable } from "../../../platform/redis/problem.ts";
import { FIRST_ID, type LiveEntry, type LiveFeed, type StoredEntry } from "./LiveFeed.ts";

const APPEND = `
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
for i = 5, #ARGV, 3 do
  redis.call('XADD', KEYS[2], 'MAXLEN', '=', ARGV[4], '*', 'event', ARGV[i], 'to', ARGV[i + 1], 'data', ARGV[i + 2])
end
return 1`;

/** One call of the script adds at most this many entries; of a larger batch, only the newest. */
const ENTRIES_A_CALL = 2_000;
/** A blocking read ends after this time without entries, so that a dead connection is detected. */
const BLOCK_MS = 5_000;
/** Time for the answer of a blocking read to arrive. */
const ANSWER_MS = 5_000;
const READ_COUNT = 500;

const NO_ANSWER = "the blocking read timed out";

interface RedisFeedOptions {
  readonly url: string;
  readonly namespace: string;
  readonly entriesMax?: number;
}

/** `listen` is what the reader does on a connection of its own, so calls that succeed on the other one prove nothing about it. */
type Operation = "connection" | "cursor" | "append" | "publish" | "read" | "last id" | "listen" | "clear";

type Listener = (entries: readonly StoredEntry[]) => void;
type RawEntry = [id: string, fields: string[]];

export class RedisFeed implements LiveFeed {
  readonly #url: string;
  readonly #redis: Redis;
  readonly #cursors: string;
  readonly #entries: string;
  readonly #entriesMax: number;
  readonly #listeners = new Set<Listener>();
  readonly #place: RedisLocation & { readonly namespace: string };
  /** `ready` resolves when the reader knows the id to start after. Null while there are no listeners. */
  #reading: { readonly ready: Promise<void>; readonly end: () => Promise<void> } | null = null;
  /** Why the last call of each operation failed. `connection` is that of every call which proves that Redis is unavailable. */
  readonly #failures = new Map<Operation, string>();

  constructor({ url, namespace, entriesMax = 10_000 }: RedisFeedOptions) {
    // Calls fail at once while Redis is unavailable: callers retry with their own delay.
    this.#redis = openRedis(url, { lazyConnect: true });
    this.#url = url;
    this.#place = { ...redisLocation(url), namespace };
    this.#entriesMax = entriesMax;
    this.#cursors = `${namespace}{live}:cursors`;
    this.#entries = `${namespace}{live}:entries`;
    this.#watch(this.#redis);
  }

  cursor(partition: string): Promise<string | null> {
    return this.#guard("cursor", () => this.#redis.hget(this.#cursors, partition));
  }

  async append(partition: string, from: string | null, to: string, entries: readonly LiveEntry[]): Promise<boolean> {
    const kept = entries.slice(-Math.min(ENTRIES_A_CALL, this.#entriesMax));
    const fields = kept.flatMap(({ event, to = "", data }) => [event, to, data]);
    const args = [partition, from ?? "", to, this.#entriesMax, ...fields];
    const moved = await this.#guard("append", () => this.#redis.eval(APPEND, 2, this.#cursors, this.#entries, ...args));
    return moved === 1;
  }

  async publish(entries: readonly LiveEntry[]): Promise<void> {
    await this.#guard("publish", () =>
      Promise.all(
        entries.map(({ event, to = "", data }) => {
          const fields = ["event", event, "to", to, "data", data];
          return this.#redis.xadd(this.#entries, "MAXLEN", "=", this.#entriesMax, "*", ...fields);
        }),
      ),
    );
  }

  async readAfter(id: string, limit: number): Promise<StoredEntry[]> {
    const entries = await this.#guard("read", () => this.#redis.xrange(this.#entries, `(${id}`, "+", "COUNT", limit));
    return entries.map(toEntry);
  }

  async subscribe(listener: Listener): Promise<() => void> {
    this.#reading ??= this.#startReading();
    this.#listeners.add(listener);
    const leave = () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
      void this.#stopReading();
    };
    try {
      await this.#reading.ready;
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  async clear(): Promise<void> {
    await this.#guard("clear", () => this.#redis.del(this.#entries, this.#cursors));
  }

  problem(): string | null {
    return this.#failures.get("connection") ?? this.#failures.values().next().value ?? null;
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    await this.#stopReading();
    this.#redis.disconnect();
  }

  async #stopReading(): Promise<void> {
    const reading = this.#reading;
    this.#reading = null;
    await reading?.end();
    this.#failures.delete("listen");
  }

  #startReading() {
    const reader = { connection: this.#openReader() };
    const stopping = new AbortController();
    const first = this.#lastId();
    const ended = first.then(
      (from) => this.#read(reader, from, stopping.signal),
      () => {},
    );
    return {
      ready: first.then(() => {}),
      end: async () => {
        stopping.abort();
        reader.connection.disconnect();
        await ended;
      },
    };
  }

  #openReader(): Redis {
    const connection = openRedis(this.#url, {
      ...{ lazyConnect: true, maxRetriesPerRequest: null },
      // A blocking read may wait for longer than another command, and has its own limit.
      commandTimeout: undefined,
    });
    this.#watch(connection);
    return connection;
  }

  async #lastId(): Promise<string> {
    const [last] = await this.#guard("last id", () => this.#redis.xrevrange(this.#entries, "+", "-", "COUNT", 1));
    return last?.[0] ?? FIRST_ID;
  }

  async #read(reader: { connection: Redis }, after: string, signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(100, 5_000);
    while (!signal.aborted) {
      try {
        const entries = await within(BLOCK_MS + ANSWER_MS, this.#readOnce(reader.connection, after), NO_ANSWER);
        this.#succeeded("listen");
        backoff.reset();
        if (entries.length === 0 || signal.aborted) continue;
        after = entries.at(-1)!.id;
        for (const listener of this.#listeners) listener(entries);
      } catch (error) {
        if (signal.aborted) return;
        this.#failures.set("listen", describeRedisProblem(error as Error, this.#place));
        if ((error as Error).message === NO_ANSWER) {
          // The connection is open, but its server is gone. It is replaced, so that ioredis does not send the unanswered read
          // again.
          reader.connection.disconnect();
          reader.connection = this.#openReader();
        }
        await backoff.wait(signal);
      }
    }
  }

  /** Resolves to no entries if none were added within `BLOCK_MS`. */
  async #readOnce(connection: Redis, after: string): Promise<StoredEntry[]> {
    const streams = await connection.xread("COUNT", READ_COUNT, "BLOCK", BLOCK_MS, "STREAMS", this.#entries, after);
    const entries = streams?.[0]?.[1].map(toEntry) ?? [];
    // A replica without its primary gets no new entries and reports no error. This write fails there, which replaces the
    // connection.
    if (entries.length === 0) await connection.xtrim(this.#entries, "MAXLEN", "=", this.#entriesMax);
    return entries;
  }

  /** Without a listener for `error`, ioredis prints each error. Failed calls report the same error. */
  #watch(redis: Redis): void {
    redis.on(
      "error",
      (error: Error) => void this.#failures.set("connection", describeRedisProblem(error, this.#place)),
    );
    redis.on("ready", () => void this.#failures.delete("connection"));
  }

  async #guard<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.#succeeded(operation);
      return result;
    } catch (error) {
      throw new Error(this.#failed(operation, error as Error), { cause: error });
    }
  }

  #succeeded(operation: Operation): void {
    this.#failures.delete(operation);
    this.#failures.delete("connection");
  }

  /** Returns the reason in one line. */
  #failed(operation: Operation, error: Error): string {
    if (!isUnavailable(error)) {
      const line = describeRedisProblem(error, this.#place);
      this.#failures.set(operation, line);
      return line;
    }
    // The error of the connection says more than that of a call that waited for it.
    const line = this.#failures.get("connection") ?? describeRedisProblem(error, this.#place);
    this.#failures.set("connection", line);
    return line;
  }
}

function toEntry([id, fields]: RawEntry): StoredEntry {
  const named = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2) named.set(fields[at], fields[at + 1]);
  const entry = { id, event: named.get("event") ?? "", data: named.get("data") ?? "{}" };
  const to = named.get("to") ?? "";
  return to === "" ? entry : { ...entry, to };
}
