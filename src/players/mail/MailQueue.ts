/**
 * Owns messages between the answer that promised them and the mail server: a few at once, each tried a few times, none kept
 * longer than this process lives. Nobody waits for them, and what is told of a failure never holds an address.
 */
import pLimit from "p-limit";
import { waitMs } from "../../platform/async/waiting.ts";
import { MailError, type Mailer, type Message } from "./Mailer.ts";

interface MailQueueOptions {
  readonly mailer: Mailer;
  /** Told of a message that was given up. */
  readonly onError: (error: unknown) => void;
  /** Before each further attempt. */
  readonly pausesMs?: readonly number[];
}

const PAUSES_MS = [5_000, 30_000, 120_000];
const SENDING_MAX = 4;
/** Above it the mail server has been away for long, or somebody floods; those in it are asked for again. */
const KEPT_MAX = 1_000;

export class MailQueue {
  readonly #mailer: Mailer;
  readonly #onError: (error: unknown) => void;
  readonly #pausesMs: readonly number[];
  readonly #stopping = new AbortController();
  readonly #limit = pLimit(SENDING_MAX);
  #kept = 0;

  constructor({ mailer, onError, pausesMs = PAUSES_MS }: MailQueueOptions) {
    this.#mailer = mailer;
    this.#onError = onError;
    this.#pausesMs = pausesMs;
  }

  /** Takes a message, and returns at once. */
  enqueue(message: Message): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#kept >= KEPT_MAX) {
      this.#onError(new MailError("SMTP_URL: too many messages wait for the mail server; one was dropped", true));
      return;
    }
    this.#kept++;
    void this.#deliver(message)
      .catch((error) => {
        if (!this.#stopping.signal.aborted) this.#onError(error);
      })
      .finally(() => this.#kept--);
  }

  /** What was not sent is forgotten. */
  stop(): void {
    this.#stopping.abort();
  }

  async #deliver(message: Message): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#limit(() => this.#send(message));
      } catch (error) {
        const given = error instanceof MailError && error.permanent;
        if (given || attempt >= this.#pausesMs.length || this.#stopping.signal.aborted) throw error;
      }
      await waitMs(this.#pausesMs[attempt], this.#stopping.signal);
    }
  }

  async #send(message: Message): Promise<void> {
    this.#stopping.signal.throwIfAborted();
    await this.#mailer.send(message, this.#stopping.signal);
  }
}
