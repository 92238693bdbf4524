/**
 * Decides whether this process should refuse new players, because its rooms are stepped late or soon will be. Pure arithmetic on
 * times (ms, any origin, never backwards) and load that are passed in.
 *
 * Lateness alone would be noticed too late: connected players would lose ticks until enough of them had left. So two more
 * measures count: the share of the thread that connected players use, and the share that players who joined recently will use.
 * Each of those is expected to use as much as one of the others.
 *
 * The cost of the joins themselves does not count, because it is short and rooms are stepped first. The cost without joins is the
 * measured time of the steps, multiplied by the ratio of the whole use to that time while few players join. During a rush this
 * ratio cannot be measured, so new players are refused until fewer join. They are admitted again after three seconds in which
 * hardly any step was late and the thread had spare time. A process with a handful of rooms is never overloaded: if they are
 * late, their number is not the reason.
 */

const BUCKET_MS = 100;
/** Lengths of the windows in buckets: to measure use, to measure lateness, and how long both must be low before overload ends. */
const ENTER_BUCKETS = 5;
const LATE_BUCKETS = 10;
const LEAVE_BUCKETS = 30;
/** Share of late steps at which overload begins and ends. */
const ENTER_LATE = 0.2;
const LEAVE_LATE = 0.02;
/** Share of the thread's time used by connected players at which overload begins and ends. */
const ENTER_BUSY = 0.9;
const LEAVE_BUSY = 0.8;
/**
 * The largest share of the players of a busy thread that may have joined in the last three seconds, since their cost is not
 * measured yet.
 */
const RUSH_SHARE = 0.3;
/** Below this use of the thread, the cost of one player cannot be computed: the fixed cost of the process is too large a part. */
const EXPECT_BUSY = 0.6;
/**
 * The ratio of the whole use to the time of the steps is the `RATIO_QUANTILE` of the ratios in the last `RATIO_WINDOWS` windows.
 */
const RATIO_WINDOWS = 60;
const RATIO_QUANTILE = 0.25;
/** A window in which the steps took a smaller share of the time than this is not used for the ratio. */
const RATIO_STEPS_MIN = 0.05;
/** A step is late if it begins later than this share of the interval. */
const LATE_FROM = 0.5;
const ROOMS_MIN = 4;

export interface ProcessLoad {
  /** Returns the share of the time since its last call in which the thread was busy, 0 to 1. */
  busyShare(): number;
  /** Returns the number of connected players and of players with a reservation. */
  players(): number;
}

export class Overload {
  private readonly load: ProcessLoad;
  private readonly lateFromMs: number;
  private readonly stepsMin: number;
  private readonly steps = new Uint32Array(LEAVE_BUCKETS);
  private readonly late = new Uint32Array(LEAVE_BUCKETS);
  /** Admitted players, minus players who left, by bucket. */
  private readonly arrivals = new Int32Array(LEAVE_BUCKETS);
  /** Share of the thread used by connected players, per window of `ENTER_BUCKETS` buckets; the newest first. */
  private readonly busy: number[] = new Array(LEAVE_BUCKETS / ENTER_BUCKETS).fill(0);
  /** Share of the thread used by everything, in the last window. */
  private used = 0;
  /** `busy` divided by the number of players. */
  private readonly perPlayer: number[] = new Array(LEAVE_BUCKETS / ENTER_BUCKETS).fill(Number.POSITIVE_INFINITY);
  /** Use of the thread divided by the time of the steps, per window; the newest first. */
  private readonly ratios: number[] = [];
  /** Total time of the steps since the last window, in ms. */
  private stepsMs = 0;
  /** Number of the current bucket, counted from the clock's origin. */
  private bucket = 0;
  private sampledAt = 0;
  private overloaded = false;

  constructor(tickRate: number, load: ProcessLoad) {
    this.load = load;
    this.lateFromMs = (LATE_FROM * 1000) / tickRate;
    this.stepsMin = (ROOMS_MIN * tickRate * ENTER_BUCKETS * BUCKET_MS) / 1000;
  }

  /** Counts a step that began `lateMs` after its deadline and took `tookMs`. */
  addStep(lateMs: number, tookMs: number, now: number): void {
    const at = this.advanceTo(now);
    this.stepsMs += tookMs;
    this.steps[at]++;
    if (lateMs > this.lateFromMs) this.late[at]++;
  }

  /** Counts an admitted player. */
  addAdmission(now: number): void {
    this.arrivals[this.advanceTo(now)]++;
  }

  /** Counts a player who left. An admitted player who replaces them causes no extra cost. */
  addDeparture(now: number): void {
    this.arrivals[this.advanceTo(now)]--;
  }

  isOverloaded(now: number): boolean {
    this.advanceTo(now);
    if (this.overloaded) {
      this.overloaded = this.lateShare(LEAVE_BUCKETS) >= LEAVE_LATE || mean(this.busy) >= LEAVE_BUSY || this.isRush();
    } else if (this.sum(this.steps, ENTER_BUCKETS) >= this.stepsMin) {
      this.overloaded =
        this.lateShare(LATE_BUCKETS) >= ENTER_LATE || this.expectedBusyShare() >= ENTER_BUSY || this.isRush();
    }
    return this.overloaded;
  }

  /**
   * Returns the share of the thread that connected players use, or will use once those who just joined cost as much as the
   * others. Admitted players without a reservation are counted as well.
   */
  private expectedBusyShare(): number {
    const busy = (this.busy[0] + this.busy[1]) / 2;
    if (busy < EXPECT_BUSY) return busy;
    const players = this.load.players() + Math.max(0, this.sum(this.arrivals, ENTER_BUCKETS));
    return Math.max(busy, mean(this.perPlayer.filter(Number.isFinite)) * players);
  }

  /**
   * Whether too many players have just joined. They will cost more once their matches begin, and this cannot be measured until
   * fewer join.
   */
  private isRush(): boolean {
    return this.used >= ENTER_BUSY && this.sum(this.arrivals, LEAVE_BUCKETS) > RUSH_SHARE * this.load.players();
  }

  /**
   * Returns the part of `share` that connected players cause; `share` is the use of the thread in the last `ms`. It is the time
   * of the steps multiplied by the ratio that was measured while few players joined. The rest is the cost of joins.
   */
  private playersShare(share: number, ms: number): number {
    const steps = this.stepsMs / ms;
    this.stepsMs = 0;
    if (steps >= RATIO_STEPS_MIN) {
      this.ratios.unshift(share / steps);
      this.ratios.length = Math.min(this.ratios.length, RATIO_WINDOWS);
    }
    if (this.ratios.length === 0) return share;
    const sorted = this.ratios.toSorted((a, b) => a - b);
    return Math.min(share, steps * sorted[Math.floor(sorted.length * RATIO_QUANTILE)]);
  }

  private lateShare(buckets: number): number {
    return this.sum(this.late, buckets) / Math.max(1, this.sum(this.steps, buckets));
  }

  private sum(counts: Uint32Array | Int32Array, buckets: number): number {
    let sum = 0;
    for (let back = 0; back < buckets; back++) sum += counts[(this.bucket + LEAVE_BUCKETS - back) % LEAVE_BUCKETS];
    return sum;
  }

  /** Advances to the bucket of `now` and empties the skipped ones. Returns its index. */
  private advanceTo(now: number): number {
    const bucket = Math.max(this.bucket, Math.floor(now / BUCKET_MS));
    for (let passed = Math.max(this.bucket + 1, bucket - LEAVE_BUCKETS + 1); passed <= bucket; passed++) {
      for (const counts of [this.steps, this.late, this.arrivals]) counts[passed % LEAVE_BUCKETS] = 0;
    }
    this.bucket = bucket;
    const windows = Math.min(this.busy.length, Math.floor((bucket - this.sampledAt) / ENTER_BUCKETS));
    if (windows > 0) {
      // If there were no calls for several windows, `busyShare` is the mean of all of them.
      this.used = this.load.busyShare();
      const share = this.playersShare(this.used, (bucket - this.sampledAt) * BUCKET_MS);
      const players = Math.max(1, this.load.players());
      for (let window = 0; window < windows; window++) {
        push(this.busy, share);
        // Without steps, the cost of a player is unknown.
        push(this.perPlayer, share > 0 ? share / players : Number.POSITIVE_INFINITY);
      }
      this.sampledAt = bucket;
    }
    return bucket % LEAVE_BUCKETS;
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Adds the newest value at the front and drops the oldest. */
function push(values: number[], value: number): void {
  values.pop();
  values.unshift(value);
}
