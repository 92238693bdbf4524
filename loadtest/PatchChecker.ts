/**
 * Owns the checks on one client's run of patches in one room: what is missing, out of order, or late for good. Pure: times
 * and ticks are handed in.
 *
 * A tick whose number never came is missed: the server stepped, and this client was not told. A tick that no number stands for,
 * although the clock has gone on, is skipped: the server did not step. Lateness that is made up for is neither.
 */
import type { LoadStats } from "./LoadStats.ts";

/** Windows in which the least delay is looked for: jitter is over in one of these, lost ticks never are. */
const WINDOW_MS = 1000;
/** Share of an interval beyond whole ones that a window may be late before the next tick counts as skipped. */
const SLACK = 0.75;

export class PatchChecker {
  private readonly intervalMs: number;
  private lastTick = -1;
  private newestTick = -1;
  private lastAt = 0;
  /** Arrival less the tick's place on a grid of the tick rate: least ever, and least in this window. */
  private leastDelayMs = Number.POSITIVE_INFINITY;
  private windowDelayMs = Number.POSITIVE_INFINITY;
  private windowEndsAt = 0;
  private skipped = 0;

  constructor(tickRate: number) {
    this.intervalMs = 1000 / tickRate;
  }

  /** A patch of `tick` came at `now` (ms). */
  check(tick: number, now: number, stats: LoadStats): void {
    stats.counters.patches++;
    if (this.lastTick < 0) {
      this.newestTick = tick;
      this.windowEndsAt = now + WINDOW_MS;
    } else {
      stats.recordTime("gap", now - this.lastAt);
      if (tick > this.newestTick) {
        stats.counters.missedTicks += tick - this.newestTick - 1;
        this.newestTick = tick;
      } else {
        stats.counters.reorderedPatches++;
        // It was counted as missed when a later one came.
        if (tick < this.newestTick) stats.counters.missedTicks--;
      }
    }
    this.lastTick = tick;
    this.lastAt = now;
    this.checkDelay(now - tick * this.intervalMs, now, stats);
  }

  /** What came before is no longer held against what comes: the line was lost. */
  reset(): void {
    this.lastTick = -1;
    this.leastDelayMs = Number.POSITIVE_INFINITY;
    this.windowDelayMs = Number.POSITIVE_INFINITY;
    this.skipped = 0;
  }

  private checkDelay(delayMs: number, now: number, stats: LoadStats): void {
    if (now >= this.windowEndsAt && Number.isFinite(this.windowDelayMs)) {
      const behind = (this.windowDelayMs - this.leastDelayMs) / this.intervalMs;
      const skipped = Math.floor(behind + 1 - SLACK);
      if (skipped > this.skipped) {
        stats.counters.skippedTicks += skipped - this.skipped;
        this.skipped = skipped;
      }
      this.windowDelayMs = Number.POSITIVE_INFINITY;
      this.windowEndsAt = now + WINDOW_MS;
    }
    this.windowDelayMs = Math.min(this.windowDelayMs, delayMs);
    this.leastDelayMs = Math.min(this.leastDelayMs, delayMs);
  }
}
