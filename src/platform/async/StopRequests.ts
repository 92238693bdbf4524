/** Counts requests to stop. Ctrl-C reaches a program that npm runs twice: from the terminal, and forwarded by npm. */
type StopSignal = "SIGINT" | "SIGTERM";
const STOP_SIGNALS: readonly StopSignal[] = ["SIGINT", "SIGTERM"];

const SAME_REQUEST_MS = 1000;

export class StopRequests {
  readonly #now: () => number;
  readonly #countedAt = new Map<StopSignal, number>();
  #count = 0;

  /** `now`: a monotonic clock, in ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Which request this signal is, from 1; null if it repeats a request of the last second. */
  add(signal: StopSignal): number | null {
    const now = this.#now();
    const before = this.#countedAt.get(signal);
    if (before !== undefined && now - before < SAME_REQUEST_MS) return null;
    this.#countedAt.set(signal, now);
    return ++this.#count;
  }
}

/** Calls `first` on the first request to stop this process. On the second, calls `second` and exits with 1. */
export function onStopRequests(first: (signal: StopSignal) => void, second: () => void = () => {}): void {
  const requests = new StopRequests(() => performance.now());
  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      const request = requests.add(signal);
      if (request === null) return;
      if (request === 1) return first(signal);
      second();
      process.exit(1);
    });
  }
}
