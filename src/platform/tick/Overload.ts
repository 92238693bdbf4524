/**
 * Decides whether this process should refuse new players, because its rooms are stepped late or soon will be. Pure arithmetic on
 * times (ms, any origin, never backwards) and load that are passed in.
 *
 * Lateness alone would be noticed too late: connected players would lose ticks until enough of them had left. So two more
 * measures count: the share of the thread's time that connected players use, and the share that they will use once the players
 * who joined recently cost as much as the earlier ones.
 *
 * The cost of the joins themselves does not count, because it is short and rooms are stepped first. It is not measured. Instead,
 * the ratio of the thread's total use to the time of the steps is remembered from windows in which few players joined. The time
 * of the steps, multiplied by this ratio, is the share of the connected players. During a rush the ratio cannot be measured, so
 * new players are refused until fewer join. They are admitted again after three seconds in which hardly any step was late and the
 * thread had spare time, unless the connected players are expected to use it soon. A process with a handful of rooms is never
 * overloaded: if their steps are late, the number of rooms is not the reason.
 */

const BUCKET_MS = 100;
/** Length of the window in which the use of the thread is measured. */
const WINDOW_BUCKETS = 5;
/** Length of the window in which late steps are counted, to begin overload. */
const LATE_BUCKETS = 10;
/** For how long lateness and use must be low before overload ends. It is also the time in which a player counts as new. */
const END_BUCKETS = 30;
/** Share of late steps at which overload begins and ends. */
const BEGIN_LATE = 0.2;
const END_LATE = 0.02;
/** Share of the thread's time used by connected players at which overload begins and ends. */
const BEGIN_SHARE = 0.9;
const END_SHARE = 0.8;
/**
 * If the thread is busy and more than this fraction of the players are new, no more are admitted, because the cost of new players
 * is not measured yet.
 */
const NEW_PLAYERS_MAX = 0.3;
/**
 * If players use a smaller share of the thread than this, the cost of one player cannot be computed: the fixed cost of the
 * process is too large a part of it.
 */
const COMPUTABLE_SHARE = 0.6;
/**
 * The ratio of the thread's use to the time of the steps is the `RATIO_QUANTILE` of the ratios in the last `RATIO_WINDOWS`
 * windows. A low quantile selects windows in which few players joined.
 */
const RATIO_WINDOWS = 60;
const RATIO_QUANTILE = 0.25;
/** A window in which the steps took a smaller share of the time than this is not used for the ratio. */
const RATIO_STEPS_MIN = 0.05;
/** A step is late if it begins later than this fraction of the tick interval after its deadline. */
const LATE_FROM = 0.5;
const ROOMS_MIN = 4;

export interface ProcessLoad {
  /** Returns in which share of the time since the previous call the thread was busy, 0 to 1. */
  busyShare(): number;
  /** Returns the number of connected players and of players with a reservation. */
  players(): number;
}

export class Overload {
  private readonly load: ProcessLoad;
  private readonly lateFromMs: number;
  private readonly stepsMin: number;
  private readonly steps = new Uint32Array(END_BUCKETS);
  private readonly late = new Uint32Array(END_BUCKETS);
  /** Admitted players, minus players who left, by bucket. */
  private readonly arrivals = new Int32Array(END_BUCKETS);
  /** Share of the thread's time used by connected players, by window; the newest first. */
  private readonly playersShares: number[] = new Array(END_BUCKETS / WINDOW_BUCKETS).fill(0);
  /** The same, divided by the mean number of players in the window: those who joined during it used only a part of it. */
  private readonly sharePerPlayer: number[] = new Array(END_BUCKETS / WINDOW_BUCKETS).fill(Number.POSITIVE_INFINITY);
  /** Share of the thread's time used by everything, in the latest window. */
  private busyShare = 0;
  /** Use of the thread divided by the time of the steps, by window; the newest first. */
  private readonly ratios: number[] = [];
  /** Players at the end of the latest window. */
  private playersBefore = 0;
  /** Total time of the steps since the latest window, in ms. */
  private stepsMs = 0;
  /** Number of the current bucket, counted from the clock's origin. */
  private bucket = 0;
  private sampledAt = 0;
  private overloaded = false;

  constructor(tickRate: number, load: ProcessLoad) {
    this.load = load;
    this.lateFromMs = (LATE_FROM * 1000) / tickRate;
    this.stepsMin = (ROOMS_MIN * tickRate * WINDOW_BUCKETS * BUCKET_MS) / 1000;
  }

  /** Counts a step that began `lateMs` after its deadline and took `tookMs`. */
  addStep(lateMs: number, tookMs: number, now: number): void {
    const index = this.advanceTo(now);
    this.stepsMs += tookMs;
    this.steps[index]++;
    if (lateMs > this.lateFromMs) this.late[index]++;
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
      this.overloaded =
        this.lateShare(END_BUCKETS) >= END_LATE ||
        mean(this.playersShares) >= END_SHARE ||
        this.expectedPlayersShare() >= BEGIN_SHARE ||
        this.isRush();
    } else if (this.sum(this.steps, WINDOW_BUCKETS) >= this.stepsMin) {
      this.overloaded =
        this.lateShare(LATE_BUCKETS) >= BEGIN_LATE || this.expectedPlayersShare() >= BEGIN_SHARE || this.isRush();
    }
    return this.overloaded;
  }

  /**
   * Returns the share of the thread's time that players use, or will use once each new player costs as much as an earlier one.
   * `load.players()` does not yet count players who are admitted but have no reservation, so the latest arrivals are added.
   */
  private expectedPlayersShare(): number {
    const share = (this.playersShares[0] + this.playersShares[1]) / 2;
    if (share < COMPUTABLE_SHARE) return share;
    const players = this.load.players() + Math.max(0, this.sum(this.arrivals, WINDOW_BUCKETS));
    return Math.max(share, mean(this.sharePerPlayer.filter(Number.isFinite)) * players);
  }

  /**
   * Whether too many players have just joined. They will cost more once their matches begin, and this cost cannot be measured
   * until fewer players join.
   */
  private isRush(): boolean {
    return (
      this.busyShare >= BEGIN_SHARE && this.sum(this.arrivals, END_BUCKETS) > NEW_PLAYERS_MAX * this.load.players()
    );
  }

  /**
   * Returns the part of `busyShare` that connected players cause: the time of the steps, multiplied by the ratio that was
   * measured while few players joined. The rest of `busyShare` is the cost of joins. `busyShare` is the use of the thread in the
   * latest `ms`.
   */
  private playersShare(busyShare: number, ms: number): number {
    const steps = this.stepsMs / ms;
    this.stepsMs = 0;
    if (steps >= RATIO_STEPS_MIN) {
      this.ratios.unshift(busyShare / steps);
      this.ratios.length = Math.min(this.ratios.length, RATIO_WINDOWS);
    }
    if (this.ratios.length === 0) return busyShare;
    const sorted = this.ratios.toSorted((a, b) => a - b);
    return Math.min(busyShare, steps * sorted[Math.floor(sorted.length * RATIO_QUANTILE)]);
  }

  private lateShare(buckets: number): number {
    return this.sum(this.late, buckets) / Math.max(1, this.sum(this.steps, buckets));
  }

  private sum(counts: Uint32Array | Int32Array, buckets: number): number {
    let sum = 0;
    for (let back = 0; back < buckets; back++) sum += counts[(this.bucket + END_BUCKETS - back) % END_BUCKETS];
    return sum;
  }

  /** Advances to the bucket of `now` and empties the skipped buckets. Returns the index of the bucket of `now`. */
  private advanceTo(now: number): number {
    const bucket = Math.max(this.bucket, Math.floor(now / BUCKET_MS));
    for (let passed = Math.max(this.bucket + 1, bucket - END_BUCKETS + 1); passed <= bucket; passed++) {
      for (const counts of [this.steps, this.late, this.arrivals]) counts[passed % END_BUCKETS] = 0;
    }
    this.bucket = bucket;
    const windows = Math.min(this.playersShares.length, Math.floor((bucket - this.sampledAt) / WINDOW_BUCKETS));
    if (windows > 0) {
      // If nothing called this method for several windows, `busyShare` is the mean over all these windows.
      this.busyShare = this.load.busyShare();
      const share = this.playersShare(this.busyShare, (bucket - this.sampledAt) * BUCKET_MS);
      const players = Math.max(1, (this.playersBefore + this.load.players()) / 2);
      this.playersBefore = this.load.players();
      for (let window = 0; window < windows; window++) {
        push(this.playersShares, share);
        // Without steps, the cost of a player is unknown.
        push(this.sharePerPlayer, share > 0 ? share / players : Number.POSITIVE_INFINITY);
      }
      this.sampledAt = bucket;
    }
    return bucket % END_BUCKETS;
  }
}

/** What the rest of the program calls; tests replace it. */
export type OverloadGuard = Pick<Overload, "addStep" | "addAdmission" | "addDeparture" | "isOverloaded">;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Adds the newest value at the front and drops the oldest. */
function push(values: number[], value: number): void {
  values.pop();
  values.unshift(value);
}
