/**
 * Makes requests for messages less frequent while a member has read all there are, so that batches are fewer and larger. A rest ends
 * early when something else is to be read, or nothing any more.
 */
import { waitMs } from "../../platform/async/waiting.ts";

export class RequestPace {
  readonly #everyMs: number;
  #interruptedAt = Number.NEGATIVE_INFINITY;
  #interruption = new AbortController();

  /** @param everyMs the time from one request to the next. */
  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /**
   * Resolves when the next request is due, at once if there was an interruption since the last one.
   * @param requestedAt when the last request was sent, by `performance.now`.
   */
  async rest(requestedAt: number): Promise<void> {
    const ms = requestedAt + this.#everyMs - performance.now();
    if (ms > 0 && this.#interruptedAt < requestedAt) await waitMs(ms, this.#interruption.signal);
  }

  interrupt(): void {
    this.#interruptedAt = performance.now();
    this.#interruption.abort();
    this.#interruption = new AbortController();
  }
}
