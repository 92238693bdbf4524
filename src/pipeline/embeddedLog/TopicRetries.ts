import { Backoff } from "../../platform/async/Backoff.ts";

const FIRST_MS = 200;
const LAST_MS = 10_000;

interface Failed {
  readonly backoff: Backoff;
  /** Number of the last record of the failed call. */
  upTo: number;
  /** When the topic is read again; null if it is being read. */
  retryAt: number | null;
}

/** The topics for which the most recent call of the handler failed, and when each is read again. Times: monotonic, in ms. */
export class TopicRetries {
  readonly #failed = new Map<string, Failed>();

  /** Sets the topic aside. Returns the length of the pause in ms. */
  add(topic: string, upTo: number, now: number): number {
    const failed = this.#failed.get(topic) ?? { backoff: new Backoff(FIRST_MS, LAST_MS), upTo, retryAt: null };
    this.#failed.set(topic, failed);
    const pauseMs = failed.backoff.takeMs();
    failed.upTo = upTo;
    failed.retryAt = now + pauseMs;
    return pauseMs;
  }

  /** Whether a topic is set aside, so that its records must be kept. */
  get isAnySetAside(): boolean {
    return [...this.#failed.values()].some(({ retryAt }) => retryAt !== null);
  }

  /** Returns the topics whose pause is over. They are no longer set aside. */
  takeDue(now: number): string[] {
    const due = [...this.#failed].filter(([, { retryAt }]) => retryAt !== null && retryAt <= now);
    for (const [, failed] of due) failed.retryAt = null;
    return due.map(([topic]) => topic);
  }

  /** Ends all pauses now. The next pause of each topic is still longer than its previous one. */
  takeAll(): void {
    this.takeDue(Number.POSITIVE_INFINITY);
  }

  /** The handler has handled the messages up to this record, of all topics that are not set aside. */
  succeededUpTo(record: number): void {
    for (const [topic, { upTo, retryAt }] of this.#failed)
      if (retryAt === null && record >= upTo) this.#failed.delete(topic);
  }
}
