/**
 * Expands any kind of record into outgoing messages, for every reader of an outbox. Keeps no state between records except
 * layouts.
 */
import type { OutgoingMessage } from "../log/EventLog.ts";
import type { OutboxBatch, OutboxReader, OutboxRecord } from "../outbox/Outbox.ts";
import { expand } from "./expand.ts";
import { decodeMessageRecord, isMessageRecord } from "./messageRecord.ts";
import { toOutgoing } from "./messages.ts";
import { TickDecoder } from "./TickDecoder.ts";
import { decodeVerbatim, isVerbatimRecord } from "./verbatimRecord.ts";

export class RecordExpander {
  private readonly reader: Pick<OutboxReader, "id" | "definition">;
  private readonly decoder = new TickDecoder();

  constructor(reader: Pick<OutboxReader, "id" | "definition">) {
    this.reader = reader;
  }

  /** Loads the layouts that the batch needs. Call it before expanding any of its records. */
  async loadLayouts(batch: OutboxBatch): Promise<void> {
    await this.decoder.loadLayouts(this.reader, batch.records);
  }

  /** The record's messages, at most one per topic. Throws `RecordDamaged` if this build cannot read the bytes. */
  expand(record: OutboxRecord): OutgoingMessage[] {
    const origin = { outboxId: this.reader.id, number: record.number };
    if (isMessageRecord(record.bytes)) return [decodeMessageRecord(record.bytes, origin)];
    if (isVerbatimRecord(record.bytes)) return [decodeVerbatim(record.bytes, origin)];
    return expand(this.decoder.decode(record.bytes), origin).map(toOutgoing);
  }
}
