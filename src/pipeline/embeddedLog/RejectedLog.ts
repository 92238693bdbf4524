/**
 * The log port for `npm run redrive` without Kafka: reads what the sinks have rejected (`RejectedStore.ts`), and publishes into an outbox
 * that no process uses. A running server moves its records into its own outbox within seconds; otherwise the next server reads them.
 */
import { waitMs } from "../../platform/async/waiting.ts";
import { OutboxFeed } from "../events/OutboxFeed.ts";
import { encodeVerbatim } from "../events/verbatimRecord.ts";
import type { BatchHandler, Consumer, EventLog, LogMessage, OutgoingMessage } from "../log/EventLog.ts";
import { openReader, openWriter, outboxDirectories } from "../outbox/openOutbox.ts";
import { rejectedDirectory } from "./RejectedStore.ts";

const READ_BYTES = 512 * 1024;
const IDLE_EVERY_MS = 50;
const LIMIT_BYTES = 64 * 2 ** 20;

export class RejectedLog implements EventLog {
  readonly #dataDir: string;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    const writer = await openWriter(this.#dataDir, { limitBytes: LIMIT_BYTES });
    try {
      for (const message of messages) {
        const bytes = encodeVerbatim(message);
        if (writer.append(bytes, bytes.length) === 0)
          throw new Error("DATA_DIR: the outbox does not accept the messages");
      }
      await writer.whenCommitted();
    } finally {
      await writer.close();
    }
  }

  /** Reads everything once, and then only calls `onIdle`. */
  async consume(_group: string, [topic]: readonly string[], handler: BatchHandler): Promise<Consumer> {
    const stopping = new AbortController();
    const stopped = this.#run(topic, handler, stopping.signal);
    stopped.catch(() => {});
    return {
      stopped,
      ...{ lagSeconds: () => 0, isCaughtUp: () => true, hasJoined: () => true, problems: () => [] },
      async stop() {
        stopping.abort();
        await stopped;
      },
    };
  }

  problem(): string | null {
    return null;
  }

  warnings(): string[] {
    return [];
  }

  async close(): Promise<void> {}

  async #run(topic: string, handler: BatchHandler, signal: AbortSignal): Promise<void> {
    await waitMs(0, signal);
    const directories = await outboxDirectories(rejectedDirectory(this.#dataDir));
    if (directories.length === 0) await handler.onAssigned(topic, 0, "none");
    for (const directory of directories) await deliver(topic, directory, handler);
    while (!signal.aborted) {
      await handler.onIdle?.();
      await waitMs(IDLE_EVERY_MS, signal);
    }
  }
}

async function deliver(topic: string, directory: string, handler: BatchHandler): Promise<void> {
  const reader = openReader(directory);
  const feed = new OutboxFeed(reader);
  // A number that belongs to this directory.
  const partition = Number.parseInt(reader.id.slice(0, 7), 16);
  const topicId = `${reader.id}/${topic}`;
  try {
    const stored = await handler.onAssigned(topic, partition, topicId);
    let after = Number(stored ?? 1n) - 1;
    for (;;) {
      const { records, messages, upTo } = await feed.read(after, READ_BYTES);
      if (records.length === 0) return;
      const nextOffset = BigInt(upTo) + 1n;
      const read = messages.flatMap((of, at) => of.map((message) => toRead(message, records[at], partition)));
      const offsets = { firstOffset: BigInt(after) + 1n, nextOffset, endOffset: nextOffset };
      await handler.apply({ topic, partition, topicId, ...offsets, messages: read });
      after = upTo;
    }
  } finally {
    await reader.close();
  }
}

function toRead(
  { topic, key, headers, value }: OutgoingMessage,
  { number, appendedAt }: { readonly number: number; readonly appendedAt: number },
  partition: number,
): LogMessage {
  const bytes = (part: string | Buffer | null) => (typeof part === "string" ? Buffer.from(part) : part);
  return { topic, partition, offset: BigInt(number), appendedAt, key: bytes(key), headers, value: bytes(value) };
}
