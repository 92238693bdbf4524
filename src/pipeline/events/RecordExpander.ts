/**
 * Expands any kind of record into outgoing messages, for every reader of an outbox. Keeps nothing between records except layouts and
 * what it derives from them, so every record can be expanded alone.
 */
import type { OutgoingMessage } from "../log/EventLog.ts";
import type { OutboxBatch, OutboxReader, OutboxRecord } from "../outbox/Outbox.ts";
import { MessageWriter } from "./MessageWriter.ts";
import { decodeMessageRecord, isMessageRecord } from "./messageRecord.ts";
import type { RecordOrigin } from "./messages.ts";
import { decodeMoved, isMovedRecord } from "./movedRecord.ts";
import { RecordDamaged } from "./RecordCursor.ts";
import { TickDecoder } from "./TickDecoder.ts";
import { decodeVerbatim, isVerbatimRecord } from "./verbatimRecord.ts";

export class RecordExpander {
  private readonly reader: Pick<OutboxReader, "id" | "definition">;
  private readonly decoder = new TickDecoder();
  private readonly writer = new MessageWriter();

  constructor(reader: Pick<OutboxReader, "id" | "definition">) {
    this.reader = reader;
  }

  /** Loads the layouts that the batch needs. Call it before expanding any of its records. */
  async loadLayouts(batch: OutboxBatch): Promise<void> {
    await this.decoder.loadLayouts(this.reader, batch.records.map(contentOf));
  }

  /** The record's messages, at most one per topic. Throws `RecordDamaged` if this build cannot read the bytes. */
  expand(record: OutboxRecord): OutgoingMessage[] {
    if (!isMovedRecord(record.bytes))
      return this.expandAs({ outboxId: this.reader.id, number: record.number }, record.bytes);
    const { origin, bytes } = decodeMoved(record.bytes);
    return this.expandAs(origin, bytes);
  }

  private expandAs(origin: RecordOrigin, bytes: Uint8Array): OutgoingMessage[] {
    if (isMessageRecord(bytes)) return [decodeMessageRecord(bytes, origin)];
    if (isVerbatimRecord(bytes)) return [decodeVerbatim(bytes, origin)];
    return this.writer.write(this.decoder.decode(bytes), origin);
  }
}

/** The record, or the one that it moved. */
function contentOf(record: OutboxRecord): { readonly bytes: Uint8Array } {
  if (!isMovedRecord(record.bytes)) return record;
  try {
    return decodeMoved(record.bytes);
  } catch (error) {
    if (error instanceof RecordDamaged) return record;
    throw error;
  }
}
