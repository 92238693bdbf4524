/**
 * The store behind the handlers of the log's tests. Effects and offsets move together by compare-and-set, as in every sink. Like a
 * database, it outlives consumers and is shared by them.
 */
import { type BatchHandler, type LogBatch, type LogMessage, PartitionLost } from "../../../src/pipeline/log/Log.ts";

export class Ledger {
  readonly offsets = new Map<string, bigint>();
  readonly effects: LogMessage[] = [];
  readonly calls: string[] = [];
  readonly skips: { from: bigint; to: bigint }[] = [];
  readonly #waiting: { met(): boolean; resolve(): void }[] = [];

  /** Stores the effects and moves the offset. Throws `PartitionLost` if `from` is not the stored offset. */
  store(partition: string, from: bigint | null, to: bigint, messages: readonly LogMessage[]): void {
    if ((this.offsets.get(partition) ?? null) !== from) throw new PartitionLost(`${partition} is not at ${from}`);
    this.offsets.set(partition, to);
    this.effects.push(...messages);
    this.changed();
  }

  changed(): void {
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.met()) waiting.resolve();
      else this.#waiting.push(waiting);
    }
  }

  until(met: () => boolean): Promise<void> {
    if (met()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ met, resolve }));
  }

  values(): string[] {
    return this.effects.map(({ value }) => String(value));
  }
}

export interface HandlerHooks {
  /** Called before a batch is stored. If it throws, `apply` rejects with that error. */
  before?(batch: LogBatch): Promise<void> | void;
  /** The same after it is stored. */
  after?(batch: LogBatch): Promise<void> | void;
  assigned?(topicId: string): void;
  idle?(): Promise<void>;
}

/** A handler that stores every batch at once. */
export function storingHandler(ledger: Ledger, hooks: HandlerHooks = {}): BatchHandler {
  const known = new Map<string, bigint | null>();
  const record = (call: string) => {
    ledger.calls.push(call);
    ledger.changed();
  };
  return {
    async assigned(topic, partition, topicId) {
      record(`assigned ${topic}/${partition}`);
      hooks.assigned?.(topicId);
      const stored = ledger.offsets.get(`${topic}/${partition}`) ?? null;
      known.set(`${topic}/${partition}`, stored);
      return stored;
    },
    async apply(batch) {
      const partition = `${batch.topic}/${batch.partition}`;
      record(`apply ${partition}`);
      await hooks.before?.(batch);
      const from = known.get(partition)!;
      ledger.store(partition, from, batch.nextOffset, batch.messages);
      known.set(partition, batch.nextOffset);
      await hooks.after?.(batch);
    },
    skipped(_topic, _partition, from, to) {
      ledger.skips.push({ from, to });
    },
    async revoked(topic, partition) {
      known.delete(`${topic}/${partition}`);
      record(`revoked ${topic}/${partition}`);
    },
    idle: hooks.idle,
  };
}
