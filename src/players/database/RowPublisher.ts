/**
 * Publishes what transactions have stored: each row at least once. A row counts as published once the outbox has its messages on
 * disk. If a process dies before that, another process publishes the row once the claim has ended. If its outbox fails, it gives the
 * claim back, and whichever process is next publishes the row.
 */
export interface RowPublisherDeps<R extends { readonly id: string }> {
  /** Resolves to rows that nobody has claimed, the oldest first, and claims them for this process. */
  readonly claim: () => Promise<readonly R[]>;
  /** The most rows that `claim` resolves to. */
  readonly batch: number;
  /** Whether the outbox can store rows now. */
  readonly canAppend: () => boolean;
  /** Appends the rows to the outbox at once. Resolves when they are on disk; rejects if they may be lost. */
  readonly append: (rows: readonly R[]) => Promise<void>;
  readonly markPublished: (ids: readonly string[]) => Promise<void>;
  /** Ends the claims on the rows: every process may claim them at once. */
  readonly giveBack: (ids: readonly string[]) => Promise<void>;
  /** How often unclaimed rows are looked for. */
  readonly everyMs: number;
  readonly onFailed: (error: unknown) => void;
  readonly onSucceeded: () => void;
}

export class RowPublisher<R extends { readonly id: string }> {
  readonly #deps: RowPublisherDeps<R>;
  readonly #running = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;
  #unclaimed: Promise<void> | null = null;

  constructor(deps: RowPublisherDeps<R>) {
    this.#deps = deps;
  }

  /** Publishes what was stored before, now and whenever something is left over. Needs the migrated tables. */
  start(): void {
    if (this.#stopped) return;
    this.#timer = setInterval(() => void this.publishUnclaimed(), this.#deps.everyMs).unref();
    void this.publishUnclaimed();
  }

  /** Publishes a row that this process has just stored and claimed. Returns once it is in the memory of the outbox. */
  publish(row: R): void {
    void this.#run(() => this.#publish([row]));
  }

  /**
   * Publishes the rows that nobody has claimed, unless it is doing so: an outbox that does not answer gets no row twice. While the outbox
   * cannot store rows, leaves them to other processes. Never rejects.
   */
  publishUnclaimed(): Promise<void> {
    if (!this.#deps.canAppend()) return Promise.resolve();
    this.#unclaimed ??= this.#run(() => this.#publishAll()).finally(() => {
      this.#unclaimed = null;
    });
    return this.#unclaimed;
  }

  /** Resolves once nothing is being published. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await Promise.all(this.#running);
  }

  async #publishAll(): Promise<void> {
    const { claim, batch } = this.#deps;
    for (;;) {
      const rows = await claim();
      if (rows.length > 0) await this.#publish(rows);
      if (rows.length < batch || this.#stopped) return;
    }
  }

  async #publish(rows: readonly R[]): Promise<void> {
    const { append, giveBack, markPublished } = this.#deps;
    const ids = rows.map(({ id }) => id);
    try {
      await append(rows);
    } catch (error) {
      // If this fails too, the claims end by themselves.
      await giveBack(ids).catch(() => {});
      throw error;
    }
    await markPublished(ids);
  }

  #run(work: () => Promise<void>): Promise<void> {
    const { onFailed, onSucceeded } = this.#deps;
    const running = work()
      .then(onSucceeded, onFailed)
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
    return running;
  }
}
