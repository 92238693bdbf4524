/**
 * The room listings that all processes share, in Redis. An open room is found through an index by mode, region, rules version and
 * rating band, and the rooms of a player through another one, so the cost does not grow with the number of rooms. While Redis is
 * unavailable, queries and new rooms fail. Changes of existing rooms are kept and retried, so that a client can still leave.
 */
import {
  type IRoomCache,
  initializeRoomCache,
  LocalDriver,
  type MatchMakerDriver,
  type SortOptions,
} from "@colyseus/core";
import type { Redis } from "ioredis";
import { minWaitMs, TOLERANCE_MAX } from "./bands.ts";
import * as scripts from "./driverScripts.ts";
import {
  bandKeyOf,
  bandQueryOf,
  type Conditions,
  openRoomNameOf,
  type SeatedListing,
  type SeatQueries,
} from "./roomIndex.ts";

interface DriverOptions {
  /** Unix ms; by default the clock of Redis. */
  readonly now?: () => number;
  /** Called with the error of each write that failed and will be retried. */
  readonly onPublishError?: (error: unknown) => void;
  /** Called after each write that succeeded. */
  readonly onPublished?: () => void;
}

type Operations = Parameters<MatchMakerDriver["update"]>[1];

interface Scripted {
  roomsWrite(prefix: string, ...args: (string | number)[]): Promise<number>;
  roomsRemove(prefix: string, id: string): Promise<number>;
  roomsCleanup(prefix: string, process: string, count: number): Promise<number>;
  roomsNearest(prefix: string, ...args: (string | number)[]): Promise<string | null>;
  roomsOpen(prefix: string, name: string): Promise<string[]>;
  roomsOfProcess(prefix: string, process: string): Promise<string[]>;
}

/**
 * Rooms removed per script call. Limited, so that the clean-up of a process with very many rooms does not block Redis for long.
 */
const CLEANUP_COUNT = 500;
const RETRY_MS = 1000;
const WAITS = Array.from({ length: TOLERANCE_MAX + 1 }, (_, distance) => minWaitMs(distance));

export class RedisDriver implements MatchMakerDriver, SeatQueries {
  readonly #redis: Redis & Scripted;
  readonly #prefix: string;
  readonly #now: (() => number) | undefined;
  readonly #onPublishError: (error: unknown) => void;
  readonly #onPublished: () => void;
  /** The latest failed write of each room or process. */
  readonly #pending = new Map<string, () => Promise<boolean>>();
  #retryTimer: NodeJS.Timeout | undefined;

  /** The caller closes the connection. `namespace` may be empty. */
  constructor(redis: Redis, namespace: string, { now, ...callbacks }: DriverOptions = {}) {
    const define = (name: string, lua: string) => redis.defineCommand(name, { numberOfKeys: 1, lua });
    define("roomsWrite", scripts.WRITE_SCRIPT);
    define("roomsRemove", scripts.REMOVE_SCRIPT);
    define("roomsCleanup", scripts.CLEANUP_SCRIPT);
    define("roomsNearest", scripts.NEAREST_SCRIPT);
    define("roomsOpen", scripts.OPEN_SCRIPT);
    define("roomsOfProcess", scripts.OF_PROCESS_SCRIPT);
    this.#redis = redis as Redis & Scripted;
    this.#prefix = `${namespace}{rooms}:`;
    this.#now = now;
    this.#onPublishError = callbacks.onPublishError ?? (() => {});
    this.#onPublished = callbacks.onPublished ?? (() => {});
  }

  async has(roomId: string): Promise<boolean> {
    return (await this.#redis.hexists(`${this.#prefix}rooms`, roomId)) === 1;
  }

  async query(conditions: Partial<IRoomCache>, sortOptions?: SortOptions): Promise<IRoomCache[]> {
    const rooms = new LocalDriver();
    rooms.rooms = (await this.#candidates(conditions)).map(listingOf);
    return rooms.query(conditions, sortOptions);
  }

  async findOne(conditions: Partial<IRoomCache>, sortOptions?: SortOptions): Promise<IRoomCache> {
    const bandQuery = bandQueryOf(conditions as Conditions);
    if (bandQuery === null) return (await this.query(conditions, sortOptions))[0];
    const now = this.#now?.() ?? "";
    const { pool, band } = bandQuery;
    const listing = await this.#redis.roomsNearest(this.#prefix, pool, band, now, TOLERANCE_MAX, ...WAITS);
    return (listing === null ? undefined : listingOf(listing)) as IRoomCache;
  }

  async findByIds(roomIds: string[]): Promise<Map<string, IRoomCache>> {
    return new Map((await this.#byIds(roomIds)).map(listingOf).map((room) => [room.roomId, room]));
  }

  async roomsOf(playerId: string): Promise<SeatedListing[]> {
    const ids = await this.#redis.zrange(this.#prefix + playerSet(playerId), 0, -1);
    return (await this.#byIds(ids)).map(listingOf);
  }

  async cleanup(processId: string): Promise<void> {
    await this.#writeOrRetry(`process ${processId}`, async () => {
      while ((await this.#redis.roomsCleanup(this.#prefix, processId, CLEANUP_COUNT)) === CLEANUP_COUNT);
      return true;
    });
  }

  async remove(roomId: string): Promise<boolean> {
    // A room that failed during its creation has no id yet.
    if (roomId === undefined) return false;
    return this.#writeOrRetry(roomId, async () => (await this.#redis.roomsRemove(this.#prefix, roomId)) === 1);
  }

  async update(room: IRoomCache, { $set = {}, $inc = {} }: Operations): Promise<boolean> {
    const fields = room as unknown as Record<string, any>;
    Object.assign(fields, $set);
    for (const [field, by] of Object.entries($inc)) fields[field] += by as number;
    await this.persist(room);
    return true;
  }

  insert(room: IRoomCache): Promise<boolean> {
    return this.#write(room, "insert");
  }

  persist(room: IRoomCache, create = false): Promise<boolean> {
    return this.#writeOrRetry(room.roomId, () => this.#write(room, create ? "put" : "update"));
  }

  async clear(): Promise<void> {
    const keys = await this.#redis.keys(`${this.#prefix}*`);
    if (keys.length > 0) await this.#redis.unlink(...keys);
  }

  shutdown(): void {
    clearTimeout(this.#retryTimer);
    this.#pending.clear();
  }

  /** Never rejects: the framework awaits some of these writes before it closes a connection, and does not await the others. */
  async #writeOrRetry(what: string, work: () => Promise<boolean>): Promise<boolean> {
    this.#pending.delete(what);
    try {
      const result = await work();
      this.#onPublished();
      return result;
    } catch (error) {
      this.#onPublishError(error);
      this.#pending.set(what, work);
      this.#retryTimer ??= setTimeout(() => void this.#retryPending(), RETRY_MS).unref();
      return false;
    }
  }

  async #retryPending(): Promise<void> {
    await Promise.all([...this.#pending].map(([what, work]) => this.#writeOrRetry(what, work)));
    this.#retryTimer = undefined;
    if (this.#pending.size > 0) this.#retryTimer = setTimeout(() => void this.#retryPending(), RETRY_MS).unref();
  }

  /** Returns false for a room without an id: it was locked during its creation, and will be written when it is inserted. */
  async #write(room: IRoomCache, how: "insert" | "update" | "put"): Promise<boolean> {
    if (room.roomId === undefined) return false;
    const born = room.createdAt?.getTime() ?? 0;
    const args = [room.roomId, room.processId, JSON.stringify(room), born, how, ...indexSetsOf(room)];
    return (await this.#redis.roomsWrite(this.#prefix, ...args)) === 1;
  }

  #candidates(conditions: Partial<IRoomCache>): Promise<string[]> {
    const { roomId, processId } = conditions;
    if (typeof roomId === "string") return this.#byIds([roomId]);
    if (typeof processId === "string") return this.#redis.roomsOfProcess(this.#prefix, processId);
    const name = openRoomNameOf(conditions as Conditions);
    return name === null ? this.#redis.hvals(`${this.#prefix}rooms`) : this.#redis.roomsOpen(this.#prefix, name);
  }

  async #byIds(roomIds: readonly string[]): Promise<string[]> {
    if (roomIds.length === 0) return [];
    const listings = await this.#redis.hmget(`${this.#prefix}rooms`, ...roomIds);
    return listings.filter((listing) => listing !== null);
  }
}

const playerSet = (playerId: string): string => `player:${playerId}`;

/** Names of the sorted sets that must contain a room: one for each player with a seat, and those of open rooms. */
function indexSetsOf(room: SeatedListing): string[] {
  const players = (room.seated ?? []).map(playerSet);
  if (room.locked || room.private) return players;
  const key = bandKeyOf(room);
  const open = [`name:${room.name}`, ...(key === null ? [] : [`band:${key.pool}:${key.band}`])];
  return [...open, ...players];
}

/** JSON has no dates and no infinity. An infinite `maxClients` means that the room has no limit. */
function listingOf(text: string): IRoomCache {
  const { maxClients, createdAt, ...rest } = JSON.parse(text);
  const limit = maxClients ?? Number.POSITIVE_INFINITY;
  return initializeRoomCache({ ...rest, maxClients: limit, createdAt: new Date(createdAt) });
}
