/**
 * Owns the judgement whether this process has more rooms than it can step on time. Pure arithmetic on lateness and times that are
 * handed in (ms, any origin, never backwards); what follows from it is others' business.
 *
 * It is overloaded once a fifth of the steps of half a second began late by more than half an interval. It is so no more once for
 * three seconds hardly any did: what let the newcomers in must not let them in again at once. Few rooms are never judged: what makes
 * them late is not their number.
 */

const BUCKET_MS = 100;
/** Over which lateness is found, and over which there must be none. */
const ENTER_BUCKETS = 5;
const LEAVE_BUCKETS = 30;
const ENTER_SHARE = 0.2;
const LEAVE_SHARE = 0.02;
/** A step is late from here on, as a share of the interval. */
const LATE = 0.5;
/** Rooms below which nothing is judged. */
const ROOMS_MIN = 4;

export class Overload {
  private readonly lateFromMs: number;
  private readonly stepsMin: number;
  private readonly steps = new Uint32Array(LEAVE_BUCKETS);
  private readonly late = new Uint32Array(LEAVE_BUCKETS);
  /** Number of the bucket at hand, counted from the clock's origin. */
  private bucket = 0;
  private overloaded = false;

  constructor(tickRate: number) {
    this.lateFromMs = (LATE * 1000) / tickRate;
    this.stepsMin = (ROOMS_MIN * tickRate * ENTER_BUCKETS * BUCKET_MS) / 1000;
  }

  /** A step began `lateMs` after its deadline. */
  stepped(lateMs: number, now: number): void {
    this.goTo(now);
    const at = this.bucket % LEAVE_BUCKETS;
    this.steps[at]++;
    if (lateMs > this.lateFromMs) this.late[at]++;
  }

  isOverloaded(now: number): boolean {
    this.goTo(now);
    if (this.overloaded) this.overloaded = this.lateShare(LEAVE_BUCKETS, 1) >= LEAVE_SHARE;
    else this.overloaded = this.lateShare(ENTER_BUCKETS, this.stepsMin) >= ENTER_SHARE;
    return this.overloaded;
  }

  /** Of the last buckets; 0 where they hold fewer than `stepsMin` steps. */
  private lateShare(buckets: number, stepsMin: number): number {
    let steps = 0;
    let late = 0;
    for (let back = 0; back < buckets; back++) {
      const at = (this.bucket + LEAVE_BUCKETS - back) % LEAVE_BUCKETS;
      steps += this.steps[at];
      late += this.late[at];
    }
    return steps < stepsMin ? 0 : late / steps;
  }

  private goTo(now: number): void {
    const bucket = Math.floor(now / BUCKET_MS);
    for (let passed = Math.max(this.bucket + 1, bucket - LEAVE_BUCKETS + 1); passed <= bucket; passed++) {
      this.steps[passed % LEAVE_BUCKETS] = 0;
      this.late[passed % LEAVE_BUCKETS] = 0;
    }
    this.bucket = Math.max(this.bucket, bucket);
  }
}
