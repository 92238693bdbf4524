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
import { type DecodedRecord, TickDecoder } from "./TickDecoder.ts";
import { type ReadMessage, TickMessages } from "./TickMessages.ts";
import { decodeVerbatim, isVerbatimRecord } from "./verbatimRecord.ts";

export class RecordExpander {
  private readonly reader: Pick<OutboxReader, "id" | "definition">;
  private readonly decoder = new TickDecoder();
  private readonly writer = new MessageWriter();
  private readonly tickMessages = new TickMessages(this.writer);

  constructor(reader: Pick<OutboxReader, "id" | "definition">) {
    this.reader = reader;
  }

  /** Loads the layouts that the batch needs. Call it before expanding any of its records. */
  async loadLayouts(batch: OutboxBatch): Promise<void> {
    await this.decoder.loadLayouts(this.reader, batch.records.map(contentOf));
  }

  /** The record's messages, at most one per topic. Throws `RecordDamaged` if this build cannot read the bytes. */
  expand(record: OutboxRecord): OutgoingMessage[] {
    return this.messagesOf(record, this.writer.write.bind(this.writer));
  }

  /** The same messages, those of a tick with their events as rows, and with their JSON only for readers that ask for it. */
  read(record: OutboxRecord): ReadMessage[] {
    return this.messagesOf(record, this.tickMessages.read.bind(this.tickMessages));
  }

  private messagesOf<M>(
    { number, bytes: stored }: OutboxRecord,
    ofTick: (tick: DecodedRecord, origin: RecordOrigin) => M[],
  ): (M | OutgoingMessage)[] {
    const { origin, bytes } = isMovedRecord(stored)
      ? decodeMoved(stored)
      : { origin: { outboxId: this.reader.id, number }, bytes: stored };
    if (isMessageRecord(bytes)) return [decodeMessageRecord(bytes, origin)];
    if (isVerbatimRecord(bytes)) return [decodeVerbatim(bytes, origin)];
    return ofTick(this.decoder.decode(bytes), origin);
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
