/**
 * Which records of an outbox the brokers have acknowledged, by topic. A topic that accepts no messages falls behind while all
 * others advance. When it accepts messages again, the outbox is read again from where it fell behind, and only its messages are
 * sent, until it has caught up. Pure.
 */
interface Behind {
  /** All messages of the topic in records up to this number are acknowledged. */
  upTo: number;
  /** Append time of the first record with a message that is not acknowledged, Unix ms. */
  since: number;
  isCatchingUp: boolean;
}

export class SentRecords {
  /** For all topics that are not behind: their messages in records up to this number are acknowledged. */
  #upTo: number;
  readonly #behind = new Map<string, Behind>();

  constructor(upTo: number) {
    this.#upTo = upTo;
  }

  /** Every message of the records up to this number is acknowledged. */
  get completeUpTo(): number {
    return Math.min(this.#upTo, ...[...this.#behind.values()].map(({ upTo }) => upTo));
  }

  /** No message of a record after this number is acknowledged. */
  get anyUpTo(): number {
    return this.#upTo;
  }

  /** Since when each topic is behind, Unix ms. */
  get behind(): ReadonlyMap<string, { readonly since: number }> {
    return this.#behind;
  }

  /** Whether the message of `topic` in the record `number` must be sent now. */
  isDue(topic: string, number: number): boolean {
    const behind = this.#behind.get(topic);
    return behind === undefined ? number > this.#upTo : behind.isCatchingUp && number > behind.upTo;
  }

  /**
   * Call it when everything that was due up to the record `upTo` is acknowledged, except messages of the topics in `firstUnsent`:
   * for each of these topics, messages from the given record on are not.
   */
  advance(
    upTo: number,
    firstUnsent: ReadonlyMap<string, { readonly number: number; readonly appendedAt: number }>,
  ): void {
    this.#upTo = Math.max(this.#upTo, upTo);
    for (const [topic, { number, appendedAt }] of firstUnsent)
      this.#behind.set(topic, { upTo: number - 1, since: appendedAt, isCatchingUp: false });
    for (const [topic, behind] of this.#behind) {
      if (!behind.isCatchingUp) continue;
      behind.upTo = Math.max(behind.upTo, upTo);
      if (behind.upTo >= this.#upTo) this.#behind.delete(topic);
    }
  }

  /** Whether a topic that is behind is no longer held, so that it can catch up. */
  isAnyReleased(isHeld: (topic: string) => boolean): boolean {
    return [...this.#behind].some(([topic, { isCatchingUp }]) => !isCatchingUp && !isHeld(topic));
  }

  /** Lets topics that are behind and no longer held catch up. Returns the number of the record after which to read. */
  startReading(isHeld: (topic: string) => boolean): number {
    for (const [topic, behind] of this.#behind) behind.isCatchingUp = !isHeld(topic);
    return this.#isAnyCatchingUp() ? this.completeUpTo : this.#upTo;
  }

  /** Whether the records after `number` were read only for topics that were catching up, and all of these are held again. */
  isReadingInVain(number: number): boolean {
    return number < this.#upTo && !this.#isAnyCatchingUp();
  }

  #isAnyCatchingUp(): boolean {
    return [...this.#behind.values()].some(({ isCatchingUp }) => isCatchingUp);
  }
}
