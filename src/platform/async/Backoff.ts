/** Owns the growing pauses between attempts: doubled from the first to the last, from the start again after a success. */
import { waitMs } from "./waiting.ts";

export class Backoff {
  readonly #firstMs: number;
  readonly #lastMs: number;
  #nextMs: number;

  constructor(firstMs: number, lastMs: number) {
    this.#firstMs = firstMs;
    this.#lastMs = lastMs;
    this.#nextMs = firstMs;
  }

  /** The pause that the next `wait` takes. */
  get nextMs(): number {
    return this.#nextMs;
  }

  reset(): void {
    this.#nextMs = this.#firstMs;
  }

  /** Ends early, without an error, when the signal is given. */
  async wait(signal: AbortSignal): Promise<void> {
    const ms = this.#nextMs;
    this.#nextMs = Math.min(ms * 2, this.#lastMs);
    await waitMs(ms, signal);
  }
}
