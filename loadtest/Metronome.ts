/**
 * Owns when each bot sends: at its own point of a fixed grid, one timer for all, so that the load does not wait for the server and is
 * spread over the interval. What the grid could not keep is counted. Time comes from outside.
 */
interface MetronomeClock {
  now(): number;
  after(ms: number, run: () => void): () => void;
}

export const processClock: MetronomeClock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export class Metronome {
  private readonly intervalMs: number;
  private readonly count: number;
  private readonly clock: MetronomeClock;
  private readonly beat: (index: number, lateMs: number) => void;
  private readonly startedAt: number;
  /** Beats given since the start, over all indices. */
  private given = 0;
  private cancel: (() => void) | null = null;

  /** Calls `beat` for each index below `count`, `rate` times a second, until stopped. */
  constructor(count: number, rate: number, clock: MetronomeClock, beat: (index: number, lateMs: number) => void) {
    this.intervalMs = 1000 / rate;
    this.count = count;
    this.clock = clock;
    this.beat = beat;
    this.startedAt = clock.now();
    this.wake();
  }

  stop(): void {
    this.cancel?.();
    this.cancel = null;
  }

  private readonly wake = (): void => {
    const now = this.clock.now();
    // A stall is not made up for by a burst: whole intervals that have passed are left out.
    const behind = Math.floor((now - this.dueAt()) / this.intervalMs);
    if (behind > 0) this.given += behind * this.count;
    for (let due = this.dueAt(); due <= now; due = this.dueAt()) {
      this.beat(this.given % this.count, now - due);
      this.given++;
    }
    this.cancel = this.clock.after(Math.max(1, this.dueAt() - this.clock.now()), this.wake);
  };

  private dueAt(): number {
    return this.startedAt + (this.given * this.intervalMs) / this.count;
  }
}
