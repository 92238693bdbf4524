/**
 * Work that a sink does once a day, such as deleting what is too old. If it fails, it is repeated after a pause, which grows with
 * each failure. A failure never affects the partitions: the sink continues to store messages.
 */
import { Backoff } from "../../platform/async/Backoff.ts";
import { toLine } from "../log/toLine.ts";

const DAY_MS = 86_400_000;
const RETRY_FIRST_MS = 60_000;
const RETRY_LAST_MS = 3_600_000;

interface DailyTaskOptions {
  /** Unix ms. */
  readonly now: () => number;
  /** Called with a log line after each failure. */
  readonly warn: (line: string) => void;
  /** A clock in ms that is never set back. */
  readonly monotonicMs?: () => number;
}

export class DailyTask {
  readonly #what: string;
  readonly #work: () => Promise<void>;
  readonly #options: DailyTaskOptions;
  readonly #backoff = new Backoff(RETRY_FIRST_MS, RETRY_LAST_MS);
  #doneOn = -1;
  #retryAt = Number.NEGATIVE_INFINITY;

  /** @param what names the work in log lines: "sink lake: deleting old files". */
  constructor(what: string, work: () => Promise<void>, options: DailyTaskOptions) {
    this.#what = what;
    this.#work = work;
    this.#options = options;
  }

  /** Does the work if it is due. Never rejects. */
  async runIfDue(): Promise<void> {
    const { now, warn, monotonicMs = () => performance.now() } = this.#options;
    const today = Math.floor(now() / DAY_MS);
    if (today === this.#doneOn || monotonicMs() < this.#retryAt) return;
    try {
      await this.#work();
      this.#doneOn = today;
      this.#backoff.reset();
    } catch (error) {
      const pauseMs = this.#backoff.takeMs();
      this.#retryAt = monotonicMs() + pauseMs;
      warn(`${this.#what} failed, trying again in ${pauseMs / 60_000} min: ${toLine(error)}`);
    }
  }
}
