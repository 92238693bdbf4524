/** The log port over partitions in memory, for readers. */
import { type BatchHandler, type Consumer, type EventLog, PartitionLost } from "../../../src/pipeline/log/EventLog.ts";
import type { LakeLog } from "./lakeUnderTest.ts";

export class MemoryLog implements Pick<EventLog, "consume" | "problem"> {
  readonly #partitions: readonly LakeLog[];
  /** Messages before this offset are deleted. */
  earliest = 0;
  batchSize = 3;
  /** The groups that joined. */
  readonly groups: string[] = [];
  /** The offsets that were passed to a handler. */
  readonly read: number[] = [];
  /** Awaited before each batch. */
  beforeBatch: () => Promise<void> = async () => {};
  unavailable: string | null = null;

  constructor(partitions: readonly LakeLog[]) {
    this.#partitions = partitions;
  }

  async consume(group: string, topics: readonly string[], handler: BatchHandler): Promise<Consumer> {
    if (this.unavailable !== null) throw new Error(this.unavailable);
    this.groups.push(group);
    const stopping = new AbortController();
    const stopped = this.#run(topics, handler, stopping.signal);
    stopped.catch(() => {});
    return {
      stopped,
      lagSeconds: () => 0,
      isCaughtUp: () => true,
      hasJoined: () => true,
      problems: () => [],
      async stop() {
        stopping.abort();
        await stopped;
      },
    };
  }

  problem(): string | null {
    return this.unavailable;
  }

  async #run(topics: readonly string[], handler: BatchHandler, signal: AbortSignal): Promise<void> {
    const partitions = this.#partitions.filter(({ topic }) => topics.includes(topic));
    for (const log of partitions) {
      while (!signal.aborted) {
        try {
          await this.#readPartition(log, handler, signal);
          break;
        } catch (error) {
          if (!(error instanceof PartitionLost)) throw error;
          await log.revoke(handler);
        }
      }
    }
    while (!signal.aborted) {
      await handler.onIdle?.();
      await new Promise(setImmediate);
    }
    for (const log of partitions) await log.revoke(handler);
  }

  async #readPartition(log: LakeLog, handler: BatchHandler, signal: AbortSignal): Promise<void> {
    let from = Number((await log.assign(handler)) ?? 0n);
    while (from < log.end) {
      if (from < this.earliest) {
        handler.onSkipped(log.topic, log.partition, BigInt(from), BigInt(this.earliest));
        from = this.earliest;
      }
      const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      await Promise.race([this.beforeBatch(), aborted]);
      if (signal.aborted) return;
      const to = Math.min(log.end, from + this.batchSize);
      for (let offset = from; offset < to; offset++) this.read.push(offset);
      await handler.apply(log.batch(from, to));
      from = to;
    }
  }
}
