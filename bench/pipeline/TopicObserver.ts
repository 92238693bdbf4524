/** Consumes topics. Keeps the delays of moves and the messages with statistics, and counts events. */
import type { StatsMessage } from "../../schema/statsEvents.ts";
import type { TickValue } from "../../src/pipeline/events/messages.ts";
import type { BatchHandler, LogBatch } from "../../src/pipeline/log/EventLog.ts";

export class TopicObserver implements BatchHandler {
  /** For each message of moves: when its tick was stepped (Unix ms), and how long it took to arrive (ms). */
  readonly moves: { readonly at: number; readonly delayMs: number }[] = [];
  readonly stats: StatsMessage[] = [];
  /** Number of events of matches that were received. */
  events = 0;
  readonly #next = new Map<string, bigint>();

  async onAssigned(topic: string, partition: number): Promise<bigint | null> {
    return this.#next.get(`${topic} ${partition}`) ?? null;
  }

  async apply({ topic: of, partition, nextOffset, messages }: LogBatch): Promise<void> {
    const now = Date.now();
    this.#next.set(`${of} ${partition}`, nextOffset);
    for (const { topic, value } of messages) {
      if (topic === "logs_stats") {
        this.stats.push(JSON.parse(String(value)) as StatsMessage);
        continue;
      }
      const { at, events } = JSON.parse(String(value)) as TickValue;
      this.events += events.length;
      if (topic === "logs_move") this.moves.push({ at, delayMs: now - at });
    }
  }

  onSkipped(): void {}

  async onRevoked(): Promise<void> {}
}
