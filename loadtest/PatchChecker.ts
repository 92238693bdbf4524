/**
 * Checks the patches that one client receives in one room: are any missing, out of order, or permanently late? Pure: times and ticks
 * are passed in.
 *
 * A tick whose number is never received is missed: the server stepped, but this client got no patch. If time passes without a new tick
 * number, that tick is skipped: the server did not step. A patch that is late, while later ones are on time again, counts as neither.
 */
import type { LoadStats } from "./LoadStats.ts";

/** The least delay is taken of each window. Jitter disappears within a window; skipped ticks delay all later patches. */
const WINDOW_MS = 1000;
/** Part of an interval, beyond whole intervals, by which a window may be late before one more tick counts as skipped. */
const SLACK = 0.75;

export class PatchChecker {
  private readonly intervalMs: number;
  private lastTick = -1;
  private newestTick = -1;
  private lastAt = 0;
  /** Delay: arrival minus the tick's time at the exact tick rate. The least so far, and the least in this window. */
  private leastDelayMs = Number.POSITIVE_INFINITY;
  private windowDelayMs = Number.POSITIVE_INFINITY;
  private windowEndsAt = 0;
  private skipped = 0;

  constructor(tickRate: number) {
    this.intervalMs = 1000 / tickRate;
  }

  /** Checks the patch of `tick` that was received at `now` (ms), and counts its faults in `stats`. */
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
        // It was counted as missed when a later patch was received.
        if (tick < this.newestTick) stats.counters.missedTicks--;
      }
    }
    this.lastTick = tick;
    this.lastAt = now;
    this.checkDelay(now - tick * this.intervalMs, now, stats);
  }

  /** Forgets all earlier patches. Called when the connection was lost. */
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
