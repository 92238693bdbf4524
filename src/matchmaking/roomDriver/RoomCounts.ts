/**
 * Estimates the number of rooms on each process. Processes report their number at most once a second. The rooms that this process
 * has assigned since then are added, so that many simultaneous joins do not all go to the same process.
 */

/** If a process does not report an assigned room within this time, its creation is assumed to have failed. */
const REPORTED_WITHIN_MS = 2000;

interface ProcessStats {
  readonly processId: string;
  readonly roomCount: number;
}

export class RoomCounts {
  readonly #now: () => number;
  /**
   * By process: the number of rooms that it last reported, and for each room that this number does not include yet, the time at
   * which the room was assigned.
   */
  readonly #processes = new Map<string, { reported: number; assignedAt: number[] }>();

  /** `now` is monotonic, in ms. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Processes sorted by number of rooms, the fewest first. Processes with equal numbers are in random order. */
  byFewest<T extends ProcessStats>(processes: readonly T[]): T[] {
    const counts = processes.map((one) => ({ one, rooms: this.#roomsOf(one), chance: Math.random() }));
    for (const id of this.#processes.keys())
      if (!processes.some(({ processId }) => processId === id)) this.#processes.delete(id);
    return counts.sort((a, b) => a.rooms - b.rooms || a.chance - b.chance).map(({ one }) => one);
  }

  /** Counts a room that is being created on the process. */
  addRoom(processId: string): void {
    this.#processes.get(processId)?.assignedAt.push(this.#now());
  }

  #roomsOf({ processId, roomCount }: ProcessStats): number {
    const previous = this.#processes.get(processId) ?? { reported: roomCount, assignedAt: [] };
    const nowReported = Math.max(0, roomCount - previous.reported);
    const since = this.#now() - REPORTED_WITHIN_MS;
    const assignedAt = previous.assignedAt.slice(nowReported).filter((at) => at > since);
    this.#processes.set(processId, { reported: roomCount, assignedAt });
    return roomCount + assignedAt.length;
  }
}
