/**
 * Acknowledges in the outbox what the brokers have acknowledged. Each write replaces and syncs a small file. Acknowledgements
 * that arrive during a write, or within the minimum time between two writes, are merged into the next one. Callers do not wait
 * for it.
 */
import { withoutPath } from "../outbox/damage.ts";
import type { OutboxDrain } from "../outbox/Outbox.ts";
import type { StateChange } from "./PartitionPins.ts";

export class Acknowledger {
  readonly #drain: OutboxDrain;
  readonly #everyMs: number;
  readonly #changes = new Map<string, Uint8Array | null>();
  #upTo: number;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #failure: Error | null = null;
  #problem: string | null = null;

  constructor(drain: OutboxDrain, everyMs: number) {
    this.#drain = drain;
    this.#everyMs = everyMs;
    this.#upTo = drain.acknowledged;
  }

  /** The last record that the brokers have acknowledged. */
  get upTo(): number {
    return this.#upTo;
  }

  /** Whether an acknowledgement is not yet written. */
  get pending(): boolean {
    return this.#timer !== null || this.#writing !== null || this.#drain.acknowledged < this.#upTo;
  }

  /** Why the last write failed; null if it succeeded. */
  problem(): string | null {
    return this.#problem;
  }

  add(upTo: number, changes: ReadonlyMap<string, Uint8Array | null>): void {
    this.#upTo = upTo;
    for (const [key, value] of changes) this.#changes.set(key, value);
    this.#schedule();
  }

  /**
   * Writes the changes without waiting for the timer. If that fails, the next acknowledgement writes them, and reports a failure.
   */
  async store(changes: Iterable<StateChange>): Promise<void> {
    for (const [key, value] of changes) this.#changes.set(key, value);
    await this.#writing;
    await this.#write(true).catch(() => {});
  }

  /** If the last write failed, schedules another attempt and throws the error. */
  throwFailure(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure === null) return;
    this.#schedule();
    throw failure;
  }

  /** Writes what is pending, without waiting for the timer. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#writing;
    await this.#write();
  }

  #schedule(): void {
    if (this.#timer !== null || this.#writing !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#writing = this.#write().then(
        () => {
          this.#writing = null;
          if (this.#drain.acknowledged < this.#upTo) this.#schedule();
        },
        (error: Error) => {
          this.#writing = null;
          this.#failure = error;
        },
      );
    }, this.#everyMs);
  }

  /** @param evenIfAcknowledged whether to write pending changes even if there is nothing new to acknowledge. */
  async #write(evenIfAcknowledged = false): Promise<void> {
    if (this.#drain.acknowledged >= this.#upTo && !(evenIfAcknowledged && this.#changes.size > 0)) return;
    const changes = [...this.#changes];
    this.#changes.clear();
    try {
      await this.#drain.acknowledge(this.#upTo, changes);
      this.#problem = null;
    } catch (error) {
      this.#problem = `cannot store what the brokers have acknowledged: ${withoutPath(error as Error)}`;
      for (const [key, value] of changes) if (!this.#changes.has(key)) this.#changes.set(key, value);
      throw error;
    }
  }
}
