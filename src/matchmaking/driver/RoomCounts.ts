/**
 * Owns an up-to-date guess of how many rooms each process has. Processes tell of theirs once a second at most; the rooms that this
 * one has had made elsewhere since are added, so that a rush of newcomers does not go to one of them.
 */

/** By then a room shows in what its process tells, or was never made. */
const SHOWS_WITHIN_MS = 2000;

interface ProcessStats {
  readonly processId: string;
  readonly roomCount: number;
}

export class RoomCounts {
  readonly #now: () => number;
  /** What each process told last, and when rooms were given to it that do not show in that. */
  readonly #processes = new Map<string, { told: number; given: number[] }>();

  /** `now` is monotonic, in ms. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The processes with the fewest rooms first; of two as full, whichever chance says. */
  byFewest<T extends ProcessStats>(processes: readonly T[]): T[] {
    const counted = processes.map((one) => ({ one, rooms: this.#roomsOf(one), chance: Math.random() }));
    for (const id of this.#processes.keys())
      if (!processes.some(({ processId }) => processId === id)) this.#processes.delete(id);
    return counted.sort((a, b) => a.rooms - b.rooms || a.chance - b.chance).map(({ one }) => one);
  }

  /** A room is being made there. */
  addRoom(processId: string): void {
    this.#processes.get(processId)?.given.push(this.#now());
  }

  #roomsOf({ processId, roomCount }: ProcessStats): number {
    const known = this.#processes.get(processId) ?? { told: roomCount, given: [] };
    const shown = Math.max(0, roomCount - known.told);
    const since = this.#now() - SHOWS_WITHIN_MS;
    const given = known.given.slice(shown).filter((at) => at > since);
    this.#processes.set(processId, { told: roomCount, given });
    return roomCount + given.length;
  }
}
