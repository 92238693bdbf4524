/**
 * Reads an outbox as messages, in the order of its records: for the relay and for the embedded log. A record that this build
 * cannot read becomes a message of `logs_rejected`, and reading continues.
 */
import type { OutboxReader, OutboxRecord } from "../outbox/Outbox.ts";
import { RecordDamaged } from "./RecordCursor.ts";
import { RecordExpander } from "./RecordExpander.ts";
import type { ReadMessage } from "./TickMessages.ts";

export interface FeedBatch {
  readonly records: readonly OutboxRecord[];
  /** Messages of each record, at the same index. */
  readonly messages: readonly (readonly ReadMessage[])[];
  /** Number of the last record that was read; `after` if there was none. */
  readonly upTo: number;
}

export class OutboxFeed {
  readonly #reader: OutboxReader;
  readonly #expander: RecordExpander;
  readonly #offersRows: boolean;

  /** @param options.offersRows whether the messages of ticks offer their events as rows, and make their JSON only when asked. */
  constructor(reader: OutboxReader, { offersRows = false }: { readonly offersRows?: boolean } = {}) {
    this.#reader = reader;
    this.#expander = new RecordExpander(reader);
    this.#offersRows = offersRows;
  }

  /** The messages of about `bytesMax` bytes of records with numbers above `after`. Rejects with `OutboxDamaged`. */
  async read(after: number, bytesMax: number): Promise<FeedBatch> {
    const batch = await this.#reader.read(after, bytesMax);
    if (batch.records.length > 0) await this.#expander.loadLayouts(batch);
    return {
      records: batch.records,
      messages: batch.records.map((record) => this.#messagesOf(record)),
      upTo: batch.next,
    };
  }

  #messagesOf(record: OutboxRecord): ReadMessage[] {
    try {
      return this.#offersRows ? this.#expander.read(record) : this.#expander.expand(record);
    } catch (error) {
      if (!(error instanceof RecordDamaged)) throw error;
      const { id } = this.#reader;
      const headers = {
        reason: error.message,
        topic: "outbox",
        partition: id,
        offset: String(record.number),
        seq: `${id}:${record.number}`,
      };
      return [{ topic: "logs_rejected", key: id, headers, value: Buffer.from(record.bytes) }];
    }
  }
}
