import { waitMs } from "./waiting.ts";

/** Pauses between attempts that double from `firstMs` up to `lastMs`. Call `reset` after a success. */
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

  /** Resolves early, without an error, when the signal is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    const ms = this.#nextMs;
    this.#nextMs = Math.min(ms * 2, this.#lastMs);
    await waitMs(ms, signal);
  }
}
