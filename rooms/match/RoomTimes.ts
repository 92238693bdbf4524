/**
 * Keeps the time of the room's clock at each of the last ticks, and converts the room time that a player saw into an age in
 * ticks.
 */
export class RoomTimes {
  private readonly times: Float64Array;
  private readonly maxAge: number;
  private newest = -1;

  /** Keeps the current tick and the `maxAge` ticks before it. */
  constructor(maxAge: number) {
    this.maxAge = maxAge;
    this.times = new Float64Array(maxAge + 1);
  }

  /** `ms` is the time of the room's clock at `tick`, as in the tick's patch. Call for each tick in order. */
  add(tick: number, ms: number): void {
    this.newest = tick;
    this.times[tick % this.times.length] = ms;
  }

  /**
   * Returns the age, in ticks, of the tick whose time is nearest to `stamp` (ms); the newest tick has age 0. Returns 0 without a
   * stamp (0 or NaN). Considers only ticks that are kept and at most `allowedMs` old.
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
