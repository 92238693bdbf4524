/**
 * Logs failures of work that is repeated: the first failure, then a summary once a minute, and the first success after the
 * failures. One line per attempt would hide everything else in the log.
 */
import type { Logger } from "./Logger.ts";

const SUMMARY_EVERY_MS = 60_000;

interface FailureLogOptions {
  readonly log: Pick<Logger, "info" | "warn">;
  /** Name of the work, with which each line begins, such as `queue heartbeat`. */
  readonly what: string;
  /** Any clock, in ms. */
  readonly now?: () => number;
}

export class FailureLog {
  readonly #log: Pick<Logger, "info" | "warn">;
  readonly #what: string;
  readonly #now: () => number;
  #failures = 0;
  #since = 0;
  #loggedAt = 0;

  constructor({ log, what, now = () => performance.now() }: FailureLogOptions) {
    this.#log = log;
    this.#what = what;
    this.#now = now;
  }

  failed(err: unknown, fields: object = {}): void {
    const now = this.#now();
    if (this.#failures++ === 0) {
      this.#since = this.#loggedAt = now;
      this.#log.warn({ err, ...fields }, `${this.#what} failed; retrying`);
    } else if (now - this.#loggedAt >= SUMMARY_EVERY_MS) {
      this.#loggedAt = now;
      const error = (err as Error).message;
      this.#log.warn({ error, ...fields, ...this.#figures(now) }, `${this.#what} still fails; retrying`);
    }
  }

  succeeded(): void {
    if (this.#failures === 0) return;
    this.#log.info(this.#figures(this.#now()), `${this.#what} works again`);
    this.#failures = 0;
  }

  #figures(now: number): object {
    return { failures: this.#failures, seconds: Math.round((now - this.#since) / 1000) };
  }
}
