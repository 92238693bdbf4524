/**
 * Work that a sink does once in each period, such as deleting old data. If it fails, it is repeated after a pause, which grows with
 * each failure. A failure never affects the partitions: the sink continues to store messages.
 */
import { Backoff } from "../../platform/async/Backoff.ts";
import { toLine } from "../log/toLine.ts";

const RETRY_FIRST_MS = 60_000;
const RETRY_LAST_MS = 3_600_000;

interface RecurringTaskOptions {
  /** Length of a period in ms. Periods begin at the multiples of it. */
  readonly periodMs: number;
  /** The clock of the periods, in ms. */
  readonly now: () => number;
  /** Called with a log line after each failure. */
  readonly warn: (line: string) => void;
  /** A clock in ms that is never set back. */
  readonly monotonicMs?: () => number;
}

export class RecurringTask {
  readonly #what: string;
  readonly #work: () => Promise<void>;
  readonly #options: RecurringTaskOptions;
  readonly #backoff = new Backoff(RETRY_FIRST_MS, RETRY_LAST_MS);
  #doneIn = -1;
  #retryAt = Number.NEGATIVE_INFINITY;

  /** @param what names the work in log lines: "sink lake: deleting old files". */
  constructor(what: string, work: () => Promise<void>, options: RecurringTaskOptions) {
    this.#what = what;
    this.#work = work;
    this.#options = options;
  }

  /** The next call of `runIfDue` does the work, unless it waits after a failure. */
  makeDue(): void {
    this.#doneIn = -1;
  }

  /** Does the work if it is due. Never rejects. */
  async runIfDue(): Promise<void> {
    const { periodMs, now, warn, monotonicMs = () => performance.now() } = this.#options;
    const period = Math.floor(now() / periodMs);
    if (period === this.#doneIn || monotonicMs() < this.#retryAt) return;
    try {
      await this.#work();
      this.#doneIn = period;
      this.#backoff.reset();
    } catch (error) {
      const pauseMs = this.#backoff.takeMs();
      this.#retryAt = monotonicMs() + pauseMs;
      warn(`${this.#what} failed, trying again in ${pauseMs / 60_000} min: ${toLine(error)}`);
    }
  }
}
