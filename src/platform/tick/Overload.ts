/**
 * Owns the judgement whether this process should let nobody new in: its rooms are stepped late, or soon will be. Pure arithmetic on
 * what is handed in (ms, any origin, never backwards); what follows from it is others' business.
 *
 * Lateness alone tells too late: those inside would lose ticks until enough of them had left. So the share of the thread's time that
 * those inside take counts as well, and so does what they will take once those show who were let in lately: as much each as one takes
 * now. What letting people in costs does not count: it waits for the steps, and passes. It is told apart by the steps, whose time is
 * known, and by what goes with a step when few come in. In a rush it cannot be, so a rush has to pause. The door opens again once for
 * three seconds hardly a step was late and there was time to spare. A handful of rooms is never judged: what makes them late is not
 * their number.
 */

const BUCKET_MS = 100;
/** Buckets over which use and lateness are found, and over which there must be little of either. */
const ENTER_BUCKETS = 5;
const LATE_BUCKETS = 10;
const LEAVE_BUCKETS = 30;
/** Shares of steps that begin late. */
const ENTER_LATE = 0.2;
const LEAVE_LATE = 0.02;
/** Shares of the thread's time that those inside take. */
const ENTER_BUSY = 0.9;
const LEAVE_BUSY = 0.8;
/** Newcomers of the last three seconds, as a share of all, whose cost does not show yet: no more than that come to a busy thread. */
const RUSH = 0.3;
/** Below this the fixed cost of a process is too much of it to say what one player costs. */
const FORESEE_BUSY = 0.6;
/** Windows over which it is found what goes with a step, and which of them, from the least on, tells it. */
const RATIO_WINDOWS = 60;
const RATIO_AT = 0.25;
/** Steps that take less of the time tell nothing of what goes with them. */
const RATIO_STEPS_MIN = 0.05;
/** A step is late from here on, as a share of the interval. */
const LATE = 0.5;
const ROOMS_MIN = 4;

export interface ProcessLoad {
  /** Share of the time since the last call in which the thread was busy, 0 to 1. */
  busyShare(): number;
  /** People inside, and those who have a seat reserved. */
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
  /** What those inside take of the thread; one for each `ENTER_BUCKETS`, the newest first. */
  private readonly busy: number[] = new Array(LEAVE_BUCKETS / ENTER_BUCKETS).fill(0);
  /** What the thread's use was in the last of these. */
  private used = 0;
  /** What those inside take, by player. */
  private readonly perPlayer: number[] = new Array(LEAVE_BUCKETS / ENTER_BUCKETS).fill(Number.POSITIVE_INFINITY);
  /** What the thread's whole use was of what the steps took, the newest first. */
  private readonly ratios: number[] = [];
  /** Time that steps have taken since the last window, in ms. */
  private stepping = 0;
  /** Number of the bucket at hand, counted from the clock's origin. */
  private bucket = 0;
  private sampledAt = 0;
  private overloaded = false;

  constructor(tickRate: number, load: ProcessLoad) {
    this.load = load;
    this.lateFromMs = (LATE * 1000) / tickRate;
    this.stepsMin = (ROOMS_MIN * tickRate * ENTER_BUCKETS * BUCKET_MS) / 1000;
  }

  /** A step began `lateMs` after its deadline, and took `tookMs`. */
  addStep(lateMs: number, tookMs: number, now: number): void {
    const at = this.goTo(now);
    this.stepping += tookMs;
    this.steps[at]++;
    if (lateMs > this.lateFromMs) this.late[at]++;
  }

  /** Somebody was let in. */
  addAdmission(now: number): void {
    this.arrivals[this.goTo(now)]++;
  }

  /** Somebody left: who was let in meanwhile takes that place. */
  addDeparture(now: number): void {
    this.arrivals[this.goTo(now)]--;
  }

  isOverloaded(now: number): boolean {
    this.goTo(now);
    if (this.overloaded) {
      this.overloaded = this.lateShare(LEAVE_BUCKETS) >= LEAVE_LATE || mean(this.busy) >= LEAVE_BUSY || this.isRushed();
    } else if (this.sum(this.steps, ENTER_BUCKETS) >= this.stepsMin) {
      this.overloaded =
        this.lateShare(LATE_BUCKETS) >= ENTER_LATE || this.busyForeseen() >= ENTER_BUSY || this.isRushed();
    }
    return this.overloaded;
  }

  /** What those inside take, or will once the newcomers cost as much as everyone else; who has no seat yet was let in just now. */
  private busyForeseen(): number {
    const busy = (this.busy[0] + this.busy[1]) / 2;
    if (busy < FORESEE_BUSY) return busy;
    const players = this.load.players() + Math.max(0, this.sum(this.arrivals, ENTER_BUCKETS));
    return Math.max(busy, mean(this.perPlayer.filter(Number.isFinite)) * players);
  }

  /** Who has come lately may yet cost more, once their matches begin; and how much they do shows only when fewer come. */
  private isRushed(): boolean {
    return this.used >= ENTER_BUSY && this.sum(this.arrivals, LEAVE_BUCKETS) > RUSH * this.load.players();
  }

  /**
   * What those inside take of a thread that was busy for `share` of the last `ms`: their steps, and as much more as goes with steps when
   * nobody comes in. The rest is what letting people in costs, which waits for the steps.
   */
  private insideShare(share: number, ms: number): number {
    const steps = this.stepping / ms;
    this.stepping = 0;
    if (steps >= RATIO_STEPS_MIN) {
      this.ratios.unshift(share / steps);
      this.ratios.length = Math.min(this.ratios.length, RATIO_WINDOWS);
    }
    if (this.ratios.length === 0) return share;
    const sorted = this.ratios.toSorted((a, b) => a - b);
    return Math.min(share, steps * sorted[Math.floor(sorted.length * RATIO_AT)]);
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
      this.used = this.load.busyShare();
      const share = this.insideShare(this.used, (bucket - this.sampledAt) * BUCKET_MS);
      const players = Math.max(1, this.load.players());
      for (let window = 0; window < windows; window++) {
        push(this.busy, share);
        // Where nothing was stepped nobody could cost anything.
        push(this.perPlayer, share > 0 ? share / players : Number.POSITIVE_INFINITY);
      }
      this.sampledAt = bucket;
    }
    return bucket % LEAVE_BUCKETS;
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The newest first; the oldest goes. */
function push(values: number[], value: number): void {
  values.pop();
  values.unshift(value);
}
