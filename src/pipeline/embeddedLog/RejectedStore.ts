/**
 * What the sinks of an embedded log have rejected, in an outbox of its own below `DATA_DIR/rejected`, because the log deletes what
 * all sinks have passed. `npm run redrive` reads it. Nothing is ever deleted from it.
 */
import path from "node:path";
import { encodeVerbatim } from "../events/verbatimRecord.ts";
import type { EventLog, OutgoingMessage } from "../log/EventLog.ts";
import type { OutboxWriter } from "../outbox/Outbox.ts";
import { openWriter } from "../outbox/openOutbox.ts";

/** Only the sizes of its files depend on it. */
const LIMIT_BYTES = 64 * 2 ** 20;

export const rejectedDirectory = (dataDir: string): string => path.join(dataDir, "rejected");

export class RejectedStore implements Pick<EventLog, "publish"> {
  readonly #dataDir: string;
  /** Opened for the first message. */
  #writer: Promise<OutboxWriter> | null = null;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    const writer = await this.#open();
    for (const message of messages) {
      const bytes = encodeVerbatim(message);
      if (writer.append(bytes, bytes.length) === 0)
        throw new Error(
          `DATA_DIR: a rejected message could not be stored: ${writer.refusal() ?? "the store is closed"}`,
        );
    }
    await writer.whenCommitted();
  }

  async close(): Promise<void> {
    const writer = await this.#writer?.catch(() => null);
    await writer?.close();
  }

  #open(): Promise<OutboxWriter> {
    this.#writer ??= openWriter(rejectedDirectory(this.#dataDir), { limitBytes: LIMIT_BYTES }).catch((error) => {
      this.#writer = null;
      throw error;
    });
    return this.#writer;
  }
}
