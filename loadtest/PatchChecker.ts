/**
 * Checks whether patches that one client receives in one room are missing, out of order, or permanently late. Pure: times and
 * ticks are passed in.
 *
 * A tick is missed if its number is never received: the server stepped, but this client got no patch. A tick is skipped if its
 * time passes, but tick numbers do not advance: the server did not step. A late patch is neither if later patches are on time
 * again.
 */
import type { LoadStats } from "./LoadStats.ts";

/**
 * Only the least delay in each window is used. This removes jitter, but not skipped ticks, because they delay all later patches.
 */
const WINDOW_MS = 1000;
/** One more tick counts as skipped once a window is late by this part of a further interval. */
const SLACK = 0.75;

export class PatchChecker {
  private readonly intervalMs: number;
  private lastTick = -1;
  private newestTick = -1;
  private lastAt = 0;
  /** The least delay so far, and in this window. A delay is the arrival time minus the tick's time at the exact tick rate. */
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
        // The tick was counted as missed when a later patch was received.
        if (tick < this.newestTick) stats.counters.missedTicks--;
      }
    }
    this.lastTick = tick;
    this.lastAt = now;
    this.checkDelay(now - tick * this.intervalMs, now, stats);
  }

  /** Forgets all earlier patches. Call it when the connection was lost. */
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
