import { waitMs } from "./waiting.ts";

/**
 * The pauses between attempts. They begin with `firstMs` and double up to `lastMs`. Call `reset` only after the work that failed
 * has succeeded: a success of other work would keep the pauses short.
 */
export class Backoff {
  readonly #firstMs: number;
  readonly #lastMs: number;
  #nextMs: number;

  constructor(firstMs: number, lastMs: number) {
    this.#firstMs = firstMs;
    this.#lastMs = lastMs;
    this.#nextMs = firstMs;
  }

  /** The length of the next pause. */
  get nextMs(): number {
    return this.#nextMs;
  }

  reset(): void {
    this.#nextMs = this.#firstMs;
  }

  /** Returns `nextMs` and doubles it, for a caller that waits by other means. */
  takeMs(): number {
    const ms = this.#nextMs;
    this.#nextMs = Math.min(ms * 2, this.#lastMs);
    return ms;
  }

  /** Waits `nextMs` and doubles it for the next call. If the signal is aborted, resolves early, without an error. */
  wait(signal: AbortSignal): Promise<void> {
    return waitMs(this.takeMs(), signal);
  }
}
