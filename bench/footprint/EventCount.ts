/** Counts what a consumer of the topics receives: messages, events, bytes as bare JSON, and the length of matches in ticks. */
import type { TickValue } from "../../src/pipeline/events/messages.ts";
import type { BatchHandler, LogBatch } from "../../src/pipeline/log/EventLog.ts";

interface Ended {
  readonly kind: string;
  readonly lastTick: number;
}

export class EventCount implements BatchHandler {
  messages = 0;
  events = 0;
  jsonBytes = 0;
  created = 0;
  /** Last tick of each match that has ended. */
  readonly lastTicks: number[] = [];
  readonly #next = new Map<string, bigint>();

  async onAssigned(topic: string, partition: number): Promise<bigint | null> {
    return this.#next.get(`${topic} ${partition}`) ?? null;
  }

  async apply({ topic, partition, nextOffset, messages }: LogBatch): Promise<void> {
    this.#next.set(`${topic} ${partition}`, nextOffset);
    for (const { value } of messages) {
      const { events } = JSON.parse(String(value)) as TickValue;
      this.messages++;
      this.events += events.length;
      this.jsonBytes += value!.length;
      if (topic !== "logs_match") continue;
      for (const event of events as unknown as Ended[]) {
        if (event.kind === "created") this.created++;
        if (event.kind === "ended") this.lastTicks.push(event.lastTick);
      }
    }
  }

  onSkipped(): void {}
  async onRevoked(): Promise<void> {}
}
