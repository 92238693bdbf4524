/**
 * Measures the time from the sending of a frame until another client sees its effect. The first client of a room that receives a tick
 * gives the send time of its own newest frame in it; the next client that receives the same tick has seen that frame. One sample per room
 * and tick. Pure.
 */
import type { LoadStats } from "./LoadStats.ts";

interface RoomTick {
  tick: number;
  /** Negative if the first client had no frame in the tick, or if the sample is taken. */
  sentAt: number;
}

export class CrossClientLatency {
  private readonly rooms = new Map<string, RoomTick>();

  /** A client of the room received `tick` at `now`. `sentAt`: when it sent its newest frame in that tick; negative for none. */
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
