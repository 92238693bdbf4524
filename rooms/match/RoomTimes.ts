/**
 * Owns what the room's clock read at each of the last ticks, and turns the moment that a player saw into an age in ticks.
 * Pure: clocks and delays are handed in.
 */

export class RoomTimes {
  private readonly times: Float64Array;
  private readonly maxAge: number;
  private newest = -1;

  /** Keeps the tick at hand and `maxAge` before it. */
  constructor(maxAge: number) {
    this.maxAge = maxAge;
    this.times = new Float64Array(maxAge + 1);
  }

  /** The room's clock, in ms, at `tick`: the value that the tick's patch carries. Called for each tick in order. */
  add(tick: number, ms: number): void {
    this.newest = tick;
    this.times[tick % this.times.length] = ms;
  }

  /**
   * Age in ticks of the tick whose clock is nearest `stamp` (ms); 0 is the newest. 0 without a stamp (0). Never more than
   * `allowedMs` of ticks, nor than what is kept.
   */
  age(stamp: number, allowedMs: number): number {
    if (!(stamp > 0)) return 0;
    const now = this.times[this.newest % this.times.length];
    const oldest = Math.min(this.maxAge, this.newest);
    let best = 0;
    let bestDistance = Math.abs(now - stamp);
    for (let age = 1; age <= oldest; age++) {
      const time = this.times[(this.newest - age) % this.times.length];
      if (now - time > allowedMs) break;
      const distance = Math.abs(time - stamp);
      if (distance >= bestDistance) break;
      best = age;
      bestDistance = distance;
    }
    return best;
  }
}
