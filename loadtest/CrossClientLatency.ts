/**
 * Owns the time from a frame's sending until another client sees it: the first client of a room that is told of a tick says
 * when its own frame in it was sent, the next one that is told of the same tick has then seen it. One sample per room and
 * tick. Pure.
 */
import type { LoadStats } from "./LoadStats.ts";

interface RoomTick {
  tick: number;
  /** Negative once it was used, or where the first client had no frame in the tick. */
  sentAt: number;
}

export class CrossClientLatency {
  private readonly rooms = new Map<string, RoomTick>();

  /** A client of the room was told of `tick` at `now`; `sentAt`: of its own newest frame in it, negative for none. */
  patchReceived(roomId: string, tick: number, sentAt: number, now: number, stats: LoadStats): void {
    const roomTick = this.rooms.get(roomId);
    if (roomTick === undefined) {
      this.rooms.set(roomId, { tick, sentAt });
    } else if (tick > roomTick.tick) {
      roomTick.tick = tick;
      roomTick.sentAt = sentAt;
    } else if (tick === roomTick.tick && roomTick.sentAt >= 0) {
      stats.recordTime("seen", now - roomTick.sentAt);
      roomTick.sentAt = -1;
    }
  }

  clear(): void {
    this.rooms.clear();
  }
}
