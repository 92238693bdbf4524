/**
 * Owns the order between calls that may overlap and one that may not: any number of shared calls at a time, or one exclusive.
 * An exclusive call that waits holds back shared ones, so that it comes to its turn.
 */
export class Gate {
  #running = 0;
  #exclusive: Promise<unknown> | null = null;
  #drained: (() => void) | null = null;

  async shared<T>(call: () => Promise<T>): Promise<T> {
    while (this.#exclusive !== null) await this.#exclusive;
    this.#running++;
    try {
      return await call();
    } finally {
      if (--this.#running === 0) this.#drained?.();
    }
  }

  async exclusive(call: () => Promise<void>): Promise<void> {
    while (this.#exclusive !== null) await this.#exclusive;
    const turn = this.#afterShared(call);
    const settled = turn.catch(() => {});
    this.#exclusive = settled;
    try {
      await turn;
    } finally {
      if (this.#exclusive === settled) this.#exclusive = null;
    }
  }

  async #afterShared(call: () => Promise<void>): Promise<void> {
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
      this.#drained = null;
    }
    await call();
  }
}
