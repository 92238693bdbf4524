/**
 * Owns how many messages a client may send in a second. A process that stood still, as one whose machine was paused, reads all that
 * was sent meanwhile at once: that is no flood, and nobody is put out for it.
 */
import { messagesPerSecond } from "./limits.ts";

/** A beat after so long is one after a standstill. */
const PAUSE_MS = 1000;

export class MessageAllowance {
  private readonly tickRate: number;
  private extra = 0;
  private stepsLeft = 0;

  constructor(tickRate: number) {
    this.tickRate = tickRate;
  }

  /** At a beat, `sinceMs` after the one before. */
  next(sinceMs: number): number {
    if (sinceMs >= PAUSE_MS) {
      this.extra = Math.ceil((messagesPerSecond(this.tickRate) * sinceMs) / 1000);
      // The framework counts by seconds of its own.
      this.stepsLeft = 2 * this.tickRate;
    } else if (this.stepsLeft > 0 && --this.stepsLeft === 0) this.extra = 0;
    return messagesPerSecond(this.tickRate) + this.extra;
  }
}
