/**
 * The room listings of a program with one process. Extends Colyseus's own driver: it also finds open rooms by rating band and the
 * rooms of a player, and it uses an index instead of a scan to find rooms by id.
 */
import { type IRoomCache, LocalDriver, type SortOptions } from "@colyseus/core";
import { TOLERANCE_MAX, toleranceAfter } from "./bands.ts";
import { MemorySeats } from "./MemorySeats.ts";
import {
  type BandKey,
  bandKeyOf,
  bandQueryOf,
  type Conditions,
  type SeatedListing,
  type SeatQueries,
} from "./roomIndex.ts";

type Operations = Parameters<LocalDriver["update"]>[1];

export class MemoryDriver extends LocalDriver implements SeatQueries {
  readonly #now: () => number;
  readonly #byId = new Map<string, IRoomCache>();
  readonly #bandKeys = new Map<string, BandKey>();
  /** Open rooms by pool, then by band. */
  readonly #open = new Map<string, Map<number, Set<IRoomCache>>>();
  readonly #seats = new MemorySeats();

  /** `now`: Unix ms. */
  constructor(now: () => number = Date.now) {
    super();
    this.#now = now;
  }

  override findOne(conditions: Partial<IRoomCache>, sortOptions?: SortOptions): Promise<IRoomCache> {
    const bandQuery = bandQueryOf(conditions as Conditions);
    if (bandQuery !== null) return Promise.resolve(this.#nearest(bandQuery) as IRoomCache);
    const { roomId, ...rest } = conditions;
    if (roomId !== undefined && Object.keys(rest).length === 0)
      return Promise.resolve(this.#byId.get(roomId) as IRoomCache);
    return super.findOne(conditions, sortOptions);
  }

  override async findByIds(roomIds: string[]): Promise<Map<string, IRoomCache>> {
    return new Map(
      roomIds.flatMap((id) => (this.#byId.has(id) ? [[id, this.#byId.get(id)!] as [string, IRoomCache]] : [])),
    );
  }

  async roomsOf(playerId: string): Promise<SeatedListing[]> {
    return this.#seats.roomsOf(playerId).sort(byAge);
  }

  override async insert(room: IRoomCache): Promise<boolean> {
    const inserted = await super.insert(room);
    if (inserted) this.#index(room);
    return inserted;
  }

  override persist(room: IRoomCache, create = false): boolean {
    if (create && this.has(room.roomId)) super.remove(room.roomId);
    const written = super.persist(room, create);
    this.#index(room);
    return written;
  }

  override update(room: IRoomCache, operations: Operations): boolean {
    const updated = super.update(room, operations);
    this.#index(room);
    return updated;
  }

  override remove(roomId: string): boolean {
    const room = this.#byId.get(roomId);
    if (room !== undefined) this.#unindex(room);
    this.#byId.delete(roomId);
    this.#seats.delete(roomId);
    return super.remove(roomId);
  }

  override clear(): void {
    super.clear();
    for (const index of [this.#byId, this.#bandKeys, this.#open, this.#seats]) index.clear();
  }

  /** Moves a listing to its current players, pool and band. A listing that the driver does not have is not indexed. */
  #index(room: IRoomCache): void {
    if (!this.has(room.roomId)) return;
    const indexed = this.#byId.get(room.roomId);
    this.#seats.set(room);
    const key = bandKeyOf(room);
    const old = this.#bandKeys.get(room.roomId);
    if (indexed === room && old?.pool === key?.pool && old?.band === key?.band) return;
    if (indexed !== undefined) this.#unindex(indexed);
    this.#byId.set(room.roomId, room);
    if (key === null) return;
    this.#bandKeys.set(room.roomId, key);
    const bands = this.#open.get(key.pool) ?? new Map<number, Set<IRoomCache>>();
    const rooms = bands.get(key.band) ?? new Set();
    this.#open.set(key.pool, bands.set(key.band, rooms.add(room)));
  }

  #unindex(room: IRoomCache): void {
    const key = this.#bandKeys.get(room.roomId);
    if (key === undefined) return;
    this.#bandKeys.delete(room.roomId);
    const bands = this.#open.get(key.pool)!;
    const rooms = bands.get(key.band)!;
    rooms.delete(room);
    if (rooms.size === 0) bands.delete(key.band);
    if (bands.size === 0) this.#open.delete(key.pool);
  }

  /** Returns the nearest open room that has waited long enough for its distance. If two are equally near, the older one. */
  #nearest({ pool, band }: BandKey): IRoomCache | undefined {
    const bands = this.#open.get(pool);
    if (bands === undefined) return undefined;
    for (let distance = 0; distance <= TOLERANCE_MAX; distance++) {
      const candidates = [...new Set([band - distance, band + distance])]
        .flatMap((near) => oldest(bands.get(near)))
        .filter((room) => toleranceAfter(this.#now() - createdAtOf(room)) >= distance)
        .sort(byAge);
      if (candidates.length > 0) return candidates[0];
    }
    return undefined;
  }
}

const createdAtOf = (room: IRoomCache): number => room.createdAt?.getTime() ?? 0;

/** Rooms of the same age are sorted by id, as in a Redis sorted set. */
const byAge = (a: IRoomCache, b: IRoomCache): number =>
  createdAtOf(a) - createdAtOf(b) || (a.roomId < b.roomId ? -1 : 1);

function oldest(rooms: ReadonlySet<IRoomCache> | undefined): IRoomCache[] {
  let oldestRoom: IRoomCache | undefined;
  for (const room of rooms ?? []) if (oldestRoom === undefined || byAge(room, oldestRoom) < 0) oldestRoom = room;
  return oldestRoom === undefined ? [] : [oldestRoom];
}
