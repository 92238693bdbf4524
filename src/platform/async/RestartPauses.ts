import { Backoff } from "./Backoff.ts";

/** After running for this long, the next pause is the first one again. */
const STEADY_MS = 60_000;

/** The pauses before the restarts of something that should never end. They grow while it keeps ending soon after its start. */
export class RestartPauses {
  readonly #backoff: Backoff;
  readonly #monotonicMs: () => number;
  #startedAt = 0;

  constructor(firstMs: number, lastMs: number, monotonicMs: () => number = () => performance.now()) {
    this.#backoff = new Backoff(firstMs, lastMs);
    this.#monotonicMs = monotonicMs;
  }

  /** Call it at every start. */
  onStart(): void {
    this.#startedAt = this.#monotonicMs();
  }

  /** Call it at every end. Returns the length of the pause before the next start, in ms. */
  takeMs(): number {
    if (this.#monotonicMs() - this.#startedAt > STEADY_MS) this.#backoff.reset();
    return this.#backoff.takeMs();
  }
}
