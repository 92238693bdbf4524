/**
 * Owns the judgement whether this process should let nobody new in: its rooms are stepped late, or soon will be. Pure arithmetic on
 * what is handed in (ms, any origin, never backwards); what follows from it is others' business.
 *
 * Lateness alone tells too late: those inside would lose ticks until enough of them had left. So the share of the time that the
 * thread is busy counts as well, and so does what everybody will cost once those show who were let in lately: as many times what one
 * has cost when it cost least, since letting people in costs too, and passes. The
 * door opens again once for three seconds hardly a step was late and the thread had time to spare. A handful of rooms is never
 * judged: what makes them late is not their number.
 */

const BUCKET_MS = 100;
/** Buckets over which use and lateness are found, and over which there must be little of either. */
const ENTER_BUCKETS = 5;
const LATE_BUCKETS = 10;
const LEAVE_BUCKETS = 30;
/** Shares of steps that begin late. */
const ENTER_LATE = 0.2;
const LEAVE_LATE = 0.02;
/** Shares of the thread's time. */
const ENTER_BUSY = 0.9;
const LEAVE_BUSY = 0.8;
/** Below this the fixed cost of a process is too much of it to say what one player costs. */
const FORESEE_BUSY = 0.6;
/** A step is late from here on, as a share of the interval. */
const LATE = 0.5;
const ROOMS_MIN = 4;

export interface ProcessLoad {
  /** Share of the time since the last call in which the thread was busy, 0 to 1. */
  busyShare(): number;
  /** People inside. */
  players(): number;
}

export class Overload {
  private readonly load: ProcessLoad;
  private readonly lateFromMs: number;
  private readonly stepsMin: number;
  private readonly steps = new Uint32Array(LEAVE_BUCKETS);
  private readonly late = new Uint32Array(LEAVE_BUCKETS);
  /** People let in, less those who left. */
  private readonly arrivals = new Int32Array(LEAVE_BUCKETS);
  /** One for each `ENTER_BUCKETS`, the newest first. */
  private readonly busy: number[] = new Array(LEAVE_BUCKETS / ENTER_BUCKETS).fill(0);
  /** The same by player. */
  private readonly perPlayer: number[] = new Array(LEAVE_BUCKETS / ENTER_BUCKETS).fill(Number.POSITIVE_INFINITY);
  /** Number of the bucket at hand, counted from the clock's origin. */
  private bucket = 0;
  private sampledAt = 0;
  private overloaded = false;

  constructor(tickRate: number, load: ProcessLoad) {
    this.load = load;
    this.lateFromMs = (LATE * 1000) / tickRate;
    this.stepsMin = (ROOMS_MIN * tickRate * ENTER_BUCKETS * BUCKET_MS) / 1000;
  }

  /** A step began `lateMs` after its deadline. */
  stepped(lateMs: number, now: number): void {
    const at = this.goTo(now);
    this.steps[at]++;
    if (lateMs > this.lateFromMs) this.late[at]++;
  }

  /** Somebody was let in. */
  admitted(now: number): void {
    this.arrivals[this.goTo(now)]++;
  }

  /** Somebody left: who was let in meanwhile takes that place. */
  left(now: number): void {
    this.arrivals[this.goTo(now)]--;
  }

  isOverloaded(now: number): boolean {
    this.goTo(now);
    if (this.overloaded) {
      const mean = this.busy.reduce((sum, share) => sum + share, 0) / this.busy.length;
      this.overloaded = this.lateShare(LEAVE_BUCKETS) >= LEAVE_LATE || mean >= LEAVE_BUSY;
    } else if (this.sum(this.steps, ENTER_BUCKETS) >= this.stepsMin) {
      this.overloaded = this.lateShare(LATE_BUCKETS) >= ENTER_LATE || this.busyForeseen() >= ENTER_BUSY;
    }
    return this.overloaded;
  }

  /** What the thread's use is, or will be once the newcomers of the last second cost as much as everyone else. */
  private busyForeseen(): number {
    const busy = (this.busy[0] + this.busy[1]) / 2;
    if (busy < FORESEE_BUSY) return busy;
    const players = this.load.players() + Math.max(0, this.sum(this.arrivals, 2 * ENTER_BUCKETS));
    return Math.max(busy, Math.min(...this.perPlayer) * players);
  }

  private lateShare(buckets: number): number {
    return this.sum(this.late, buckets) / Math.max(1, this.sum(this.steps, buckets));
  }

  private sum(counts: Uint32Array | Int32Array, buckets: number): number {
    let sum = 0;
    for (let back = 0; back < buckets; back++) sum += counts[(this.bucket + LEAVE_BUCKETS - back) % LEAVE_BUCKETS];
    return sum;
  }

  /** Place of the bucket of `now`; those passed over are emptied. */
  private goTo(now: number): number {
    const bucket = Math.max(this.bucket, Math.floor(now / BUCKET_MS));
    for (let passed = Math.max(this.bucket + 1, bucket - LEAVE_BUCKETS + 1); passed <= bucket; passed++) {
      for (const counts of [this.steps, this.late, this.arrivals]) counts[passed % LEAVE_BUCKETS] = 0;
    }
    this.bucket = bucket;
    const windows = Math.min(this.busy.length, Math.floor((bucket - this.sampledAt) / ENTER_BUCKETS));
    if (windows > 0) {
      // Nobody asked for so long: what is told now is the mean of all of it.
      const share = this.load.busyShare();
      for (let window = 0; window < windows; window++) {
        push(this.busy, share);
        push(this.perPlayer, share / Math.max(1, this.load.players()));
      }
      this.sampledAt = bucket;
    }
    return bucket % LEAVE_BUCKETS;
  }
}

/** The newest first; the oldest goes. */
function push(values: number[], value: number): void {
  values.pop();
  values.unshift(value);
}
