/**
 * Calls a function for each of many indices at a fixed rate, spread evenly over the interval. Uses one timer. It never waits for
 * the server, so a slow server gets the same load. Each call receives its own lateness.
 */
interface TimerClock {
  now(): number;
  after(ms: number, callback: () => void): () => void;
}

export const processClock: TimerClock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

export class FixedRateTimer {
  private readonly intervalMs: number;
  private readonly count: number;
  private readonly clock: TimerClock;
  private readonly onTick: (index: number, lateMs: number) => void;
  private readonly startedAt: number;
  /** Number of calls since the start, for all indices together, including calls that were left out. */
  private ticks = 0;
  private cancel: (() => void) | null = null;

  /** Calls `onTick` for each index below `count`, `rate` times a second, until stopped. */
  constructor(count: number, rate: number, clock: TimerClock, onTick: (index: number, lateMs: number) => void) {
    this.intervalMs = 1000 / rate;
    this.count = count;
    this.clock = clock;
    this.onTick = onTick;
    this.startedAt = clock.now();
    this.run();
  }

  stop(): void {
    this.cancel?.();
    this.cancel = null;
  }

  private readonly run = (): void => {
    const now = this.clock.now();
    // After a stall, the intervals that have passed completely are left out, so that there is no burst of calls.
    const behind = Math.floor((now - this.dueAt()) / this.intervalMs);
    if (behind > 0) this.ticks += behind * this.count;
    for (let due = this.dueAt(); due <= now; due = this.dueAt()) {
      this.onTick(this.ticks % this.count, now - due);
      this.ticks++;
    }
    this.cancel = this.clock.after(Math.max(1, this.dueAt() - this.clock.now()), this.run);
  };

  private dueAt(): number {
    return this.startedAt + (this.ticks * this.intervalMs) / this.count;
  }
}
