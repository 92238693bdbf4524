/**
 * Decides when one call has run for too long. It is asked again and again, and counts only the time between two requests that followed
 * each other soon: if the machine was suspended, or this thread got no CPU time, the call may not have run either.
 */
export class HangTimer {
  readonly #limitMs: number;
  readonly #countedMs: number;
  #entry: number | null = null;
  #ranMs = 0;
  #askedAt = 0;

  /** @param pollMs How often it is asked. At most twice this time is counted between two requests. */
  constructor(limitMs: number, pollMs: number) {
    this.#limitMs = limitMs;
    this.#countedMs = 2 * pollMs;
  }

  /**
   * Whether the call has run for the limit.
   * @param entry Differs for each call; null while none runs.
   * @param now A monotonic clock, in ms.
   */
  isOver(entry: number | null, now: number): boolean {
    const passed = Math.min(now - this.#askedAt, this.#countedMs);
    this.#askedAt = now;
    this.#ranMs = entry !== null && entry === this.#entry ? this.#ranMs + passed : 0;
    this.#entry = entry;
    return this.#ranMs >= this.#limitMs;
  }
}
