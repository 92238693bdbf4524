/** Publishes the statistics of this process: one `logs_stats` message a second, through the outbox like all events. */
import { v7 as uuidv7 } from "uuid";
import type { StatsMessage } from "../../../schema/statsEvents.ts";
import { encodeMessageRecord } from "../../pipeline/events/messageRecord.ts";
import type { OutboxTickEvents } from "../../pipeline/events/OutboxTickEvents.ts";
import type { OutboxWriter } from "../../pipeline/outbox/Outbox.ts";

const EVERY_MS = 1000;

/** Lateness of the steps since the last `take`, in ms. */
export class LatenessWindow {
  #samples: number[] = [];

  add(lateMs: number): void {
    this.#samples.push(lateMs);
  }

  take(): Pick<StatsMessage, "tickLatenessP50Ms" | "tickLatenessP99Ms" | "tickLatenessMaxMs"> {
    const sorted = Float64Array.from(this.#samples).sort();
    this.#samples = [];
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    return { tickLatenessP50Ms: at(0.5), tickLatenessP99Ms: at(0.99), tickLatenessMaxMs: sorted.at(-1) ?? 0 };
  }
}

interface StatsSources {
  /** Undefined until the framework has assigned an id to the process. */
  process(): string | undefined;
  readonly lateness: LatenessWindow;
  rooms(): number;
  players(): number;
}

/** Publishes until the returned function is called. */
export function publishStats(writer: OutboxWriter, tickEvents: OutboxTickEvents, sources: StatsSources): () => void {
  const timer = setInterval(() => {
    const name = sources.process();
    if (name === undefined) return;
    const { mode, outboxBytes, oldestSeconds, commitLagMs, shed } = tickEvents.stats();
    const memory = process.memoryUsage();
    const value: StatsMessage = {
      v: 1,
      at: Date.now(),
      process: name,
      rooms: sources.rooms(),
      players: sources.players(),
      ...sources.lateness.take(),
      outboxMode: mode,
      outboxBytes,
      outboxOldestSeconds: oldestSeconds,
      outboxCommitLagMs: commitLagMs,
      shed: { ...shed },
      memoryRssBytes: memory.rss,
      memoryHeapBytes: memory.heapUsed,
    };
    const record = encodeMessageRecord({ topic: "logs_stats", key: name, id: uuidv7(), value });
    writer.append(record, record.length);
  }, EVERY_MS);
  return () => clearInterval(timer);
}
