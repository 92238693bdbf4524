/**
 * Sends mail in the background, after the response to the request: a few messages at a time, each with a few attempts. Waiting
 * messages are in memory only, and are lost when the process ends. Errors never contain an address.
 */
import pLimit from "p-limit";
import { waitMs } from "../../platform/async/waiting.ts";
import { MailError, type Mailer, type Message } from "./Mailer.ts";

interface MailQueueOptions {
  readonly mailer: Mailer;
  /** Called when a message is dropped. */
  readonly onError: (error: unknown) => void;
  /** Pauses before the second and each later attempt. */
  readonly pausesMs?: readonly number[];
}

const PAUSES_MS = [5_000, 30_000, 120_000];
const SENDING_MAX = 4;
/**
 * Further messages are dropped: the mail server has been unavailable for long, or a client floods it. Players can request their
 * mail again.
 */
const QUEUED_MAX = 1_000;

export class MailQueue {
  readonly #mailer: Mailer;
  readonly #onError: (error: unknown) => void;
  readonly #pausesMs: readonly number[];
  readonly #stopping = new AbortController();
  readonly #limit = pLimit(SENDING_MAX);
  #queued = 0;

  constructor({ mailer, onError, pausesMs = PAUSES_MS }: MailQueueOptions) {
    this.#mailer = mailer;
    this.#onError = onError;
    this.#pausesMs = pausesMs;
  }

  /** Returns immediately. Never throws. */
  enqueue(message: Message): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#queued >= QUEUED_MAX) {
      this.#onError(
        new MailError("SMTP_URL: too many messages are waiting for the mail server; one was dropped", true),
      );
      return;
    }
    this.#queued++;
    void this.#deliver(message)
      .catch((error) => {
        if (!this.#stopping.signal.aborted) this.#onError(error);
      })
      .finally(() => this.#queued--);
  }

  /** Drops all waiting messages. */
  stop(): void {
    this.#stopping.abort();
  }

  async #deliver(message: Message): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#limit(() => this.#send(message));
      } catch (error) {
        const isPermanent = error instanceof MailError && error.permanent;
        if (isPermanent || attempt >= this.#pausesMs.length || this.#stopping.signal.aborted) throw error;
      }
      await waitMs(this.#pausesMs[attempt], this.#stopping.signal);
    }
  }

  async #send(message: Message): Promise<void> {
    this.#stopping.signal.throwIfAborted();
    await this.#mailer.send(message, this.#stopping.signal);
  }
}
