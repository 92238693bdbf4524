import { waitMs } from "./waiting.ts";

/** Waits between attempts. The waiting time begins with `firstMs` and doubles up to `lastMs`. Call `reset` after a success. */
export class Backoff {
  readonly #firstMs: number;
  readonly #lastMs: number;
  #nextMs: number;

  constructor(firstMs: number, lastMs: number) {
    this.#firstMs = firstMs;
    this.#lastMs = lastMs;
    this.#nextMs = firstMs;
  }

  /** The length of the next `wait`. */
  get nextMs(): number {
    return this.#nextMs;
  }

  reset(): void {
    this.#nextMs = this.#firstMs;
  }

  /** Waits `nextMs` and doubles it for the next call. If the signal is aborted, resolves early, without an error. */
  async wait(signal: AbortSignal): Promise<void> {
    const ms = this.#nextMs;
    this.#nextMs = Math.min(ms * 2, this.#lastMs);
    await waitMs(ms, signal);
  }
}
