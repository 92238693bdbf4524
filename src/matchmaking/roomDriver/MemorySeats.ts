import type { SeatedListing } from "./roomIndex.ts";

/** An index of room listings by the players who have a seat in the room. */
export class MemorySeats {
  readonly #playersOf = new Map<string, readonly string[]>();
  /** By player, then by room id. */
  readonly #rooms = new Map<string, Map<string, SeatedListing>>();

  /** Indexes a listing by its current players. */
  set(room: SeatedListing): void {
    this.delete(room.roomId);
    const { roomId, seated = [] } = room;
    if (seated.length === 0) return;
    this.#playersOf.set(roomId, [...seated]);
    for (const id of seated) this.#rooms.set(id, (this.#rooms.get(id) ?? new Map()).set(roomId, room));
  }

  delete(roomId: string): void {
    for (const id of this.#playersOf.get(roomId) ?? []) {
      const rooms = this.#rooms.get(id)!;
      rooms.delete(roomId);
      if (rooms.size === 0) this.#rooms.delete(id);
    }
    this.#playersOf.delete(roomId);
  }

  roomsOf(playerId: string): SeatedListing[] {
    return [...(this.#rooms.get(playerId)?.values() ?? [])];
  }

  clear(): void {
    this.#playersOf.clear();
    this.#rooms.clear();
  }
}
