/**
 * The store behind the handlers of the log's tests. Effects and offsets move together by compare-and-set, as in every sink. Like
 * a database, it outlives consumers and is shared by them.
 */
import {
  type BatchHandler,
  type LogBatch,
  type LogMessage,
  PartitionLost,
} from "../../../src/pipeline/log/EventLog.ts";

export class Ledger {
  readonly offsets = new Map<string, bigint>();
  readonly effects: LogMessage[] = [];
  readonly calls: string[] = [];
  readonly skips: { from: bigint; to: bigint }[] = [];
  readonly #waiting: { isMet(): boolean; resolve(): void }[] = [];

  /** Stores the effects and moves the offset. Throws `PartitionLost` if `from` is not the stored offset. */
  store(partition: string, from: bigint | null, to: bigint, messages: readonly LogMessage[]): void {
    if ((this.offsets.get(partition) ?? null) !== from) throw new PartitionLost(`${partition} is not at ${from}`);
    this.offsets.set(partition, to);
    this.effects.push(...messages);
    this.notify();
  }

  notify(): void {
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.isMet()) waiting.resolve();
      else this.#waiting.push(waiting);
    }
  }

  /** Resolves when `isMet` returns true. It is called after each change. */
  until(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ isMet, resolve }));
  }

  values(): string[] {
    return this.effects.map(({ value }) => String(value));
  }
}

export interface HandlerHooks {
  /** Called before a batch is stored. If it throws, `apply` rejects with that error. */
  before?(batch: LogBatch): Promise<void> | void;
  /** Called after a batch is stored. If it throws, `apply` rejects with that error. */
  after?(batch: LogBatch): Promise<void> | void;
  onAssigned?(topicId: string): void;
  onIdle?(): Promise<void>;
}

/** A handler that stores every batch immediately. */
export function storingHandler(ledger: Ledger, hooks: HandlerHooks = {}): BatchHandler {
  const known = new Map<string, bigint | null>();
  const record = (call: string) => {
    ledger.calls.push(call);
    ledger.notify();
  };
  return {
    async onAssigned(topic, partition, topicId) {
      record(`assigned ${topic}/${partition}`);
      hooks.onAssigned?.(topicId);
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
    onSkipped(_topic, _partition, from, to) {
      ledger.skips.push({ from, to });
    },
    async onRevoked(topic, partition) {
      known.delete(`${topic}/${partition}`);
      record(`revoked ${topic}/${partition}`);
    },
    onIdle: hooks.onIdle,
  };
}
