/**
 * The number of messages that a client may send per second. If the process was paused (for example, stopped by a signal and
 * continued), all messages that clients sent during the pause are read together afterwards. This is no flood, so the allowance is
 * raised, and no client is disconnected.
 */
import { messagesPerSecond } from "./limits.ts";

/** A time of this length or longer between two steps counts as a pause of the process. */
const PAUSE_MS = 1000;

export class MessageAllowance {
  private readonly tickRate: number;
  private extra = 0;
  private stepsLeft = 0;

  constructor(tickRate: number) {
    this.tickRate = tickRate;
  }

  /** Returns the allowance after a step. `sinceMs` is the time since the step before it. */
  next(sinceMs: number): number {
    if (sinceMs >= PAUSE_MS) {
      this.extra = Math.ceil((messagesPerSecond(this.tickRate) * sinceMs) / 1000);
      // The framework counts messages in seconds that begin at its own times. Two seconds cover all counts that the pause
      // affects.
      this.stepsLeft = 2 * this.tickRate;
    } else if (this.stepsLeft > 0 && --this.stepsLeft === 0) this.extra = 0;
    return messagesPerSecond(this.tickRate) + this.extra;
  }
}
