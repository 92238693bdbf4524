/**
 * The number of messages that a client may send per second. After a pause of the process (a suspended machine, for example), everything
 * that clients sent meanwhile is read at once. That is no flood, so the allowance is raised and no client is disconnected for it.
 */
import { messagesPerSecond } from "./limits.ts";

/** A longer time between two steps counts as a pause of the process. */
const PAUSE_MS = 1000;

export class MessageAllowance {
  private readonly tickRate: number;
  private extra = 0;
  private stepsLeft = 0;

  constructor(tickRate: number) {
    this.tickRate = tickRate;
  }

  /** The allowance after a step that came `sinceMs` after the one before it. */
  next(sinceMs: number): number {
    if (sinceMs >= PAUSE_MS) {
      this.extra = Math.ceil((messagesPerSecond(this.tickRate) * sinceMs) / 1000);
      // The framework counts per second of its own. Two seconds cover all of those that the pause affects.
      this.stepsLeft = 2 * this.tickRate;
    } else if (this.stepsLeft > 0 && --this.stepsLeft === 0) this.extra = 0;
    return messagesPerSecond(this.tickRate) + this.extra;
  }
}
