/**
 * Owns the time from a frame's sending until another client sees it: the first client of a room that is told of a tick says
 * when its own frame in it was sent, the next one that is told of the same tick has then seen it. One sample per room and
 * tick. Pure.
 */
import type { Tally } from "./Tally.ts";

interface Sighting {
  tick: number;
  /** Negative once it was used, or where the first client had no frame in the tick. */
  sentAt: number;
}

export class Sightings {
  private readonly rooms = new Map<string, Sighting>();

  /** A client of the room was told of `tick` at `now`; `sentAt`: of its own newest frame in it, negative for none. */
  saw(roomId: string, tick: number, sentAt: number, now: number, tally: Tally): void {
    const sighting = this.rooms.get(roomId);
    if (sighting === undefined) {
      this.rooms.set(roomId, { tick, sentAt });
    } else if (tick > sighting.tick) {
      sighting.tick = tick;
      sighting.sentAt = sentAt;
    } else if (tick === sighting.tick && sighting.sentAt >= 0) {
      tally.time("seen", now - sighting.sentAt);
      sighting.sentAt = -1;
    }
  }

  forgetAll(): void {
    this.rooms.clear();
  }
}
