/**
 * Owns when each bot sends: at its own point of a fixed grid, one timer for all, so that the load does not wait for the server and is
 * spread over the interval. What the grid could not keep is counted. Time comes from outside.
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
  /** Beats ticks since the start, over all indices. */
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
    // A stall is not made up for by a burst: whole intervals that have passed are left out.
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
