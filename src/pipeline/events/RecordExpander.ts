/**
 * Owns the way from stored records to outgoing messages, for everything that reads an outbox (relay, embedded log):
 * learns the layouts, tells the kinds of records apart, expands. Keeps nothing from one record to the next.
 */
import type { OutgoingMessage } from "../log/Log.ts";
import type { OutboxBatch, OutboxReader, OutboxRecord } from "../outbox/Outbox.ts";
import { expand } from "./expand.ts";
import { toOutgoing } from "./messages.ts";
import { decodePlain, isPlainRecord } from "./plainRecord.ts";
import { TickDecoder } from "./TickDecoder.ts";
import { decodeVerbatim, isVerbatimRecord } from "./verbatimRecord.ts";

export class RecordExpander {
  private readonly reader: Pick<OutboxReader, "id" | "definition">;
  private readonly decoder = new TickDecoder();

  constructor(reader: Pick<OutboxReader, "id" | "definition">) {
    this.reader = reader;
  }

  /** Must have been called with the batch before any of its records is expanded. */
  async learn(batch: OutboxBatch): Promise<void> {
    await this.decoder.learn(this.reader, batch.records);
  }

  /**
   * The record's messages, at most one per topic. Throws `RecordDamaged` where the bytes are of no kind that this build
   * reads.
   */
  expand(record: OutboxRecord): OutgoingMessage[] {
    const origin = { outboxId: this.reader.id, number: record.number };
    if (isPlainRecord(record.bytes)) return [decodePlain(record.bytes, origin)];
    if (isVerbatimRecord(record.bytes)) return [decodeVerbatim(record.bytes, origin)];
    return expand(this.decoder.decode(record.bytes), origin).map(toOutgoing);
  }
}
