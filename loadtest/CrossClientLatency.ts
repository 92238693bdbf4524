/**
 * Measures the time from the sending of a frame until another client sees its effect. The first client of a room that receives a
 * tick reports when it sent its newest frame in that tick. When the next client receives the same tick, it sees the effect of
 * that frame. One sample per room and tick. Pure.
 */
import type { LoadStats } from "./LoadStats.ts";

interface RoomTick {
  tick: number;
  /** Negative if the first client had no frame in the tick, or if the sample was already taken. */
  sentAt: number;
}

export class CrossClientLatency {
  private readonly rooms = new Map<string, RoomTick>();

  /**
   * Call it when a client of the room has received `tick` at `now`. `sentAt`: when the client sent its newest frame in that tick;
   * negative if the tick has none.
   */
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
