/**
 * Decodes the messages of the topics with many events into columns, and every other message as `decodeMessage` does. What is
 * accepted and what is rejected, and why, is the same.
 */
import type { LogMessage } from "../../log/EventLog.ts";
import { type Decoded, decodeMessage } from "../decodeMessage.ts";
import { type EventCatalogue, INPUT_TOPIC } from "../eventCatalogue.ts";
import { type ColumnTick, EventColumns } from "./EventColumns.ts";
import type { EventShape } from "./EventShape.ts";
import { TextTable } from "./TextTable.ts";
import { type TickHead, TopicColumns } from "./TopicColumns.ts";

/** A text table with more texts is replaced by an empty one. */
const TEXTS_MAX = 50_000;

export type DecodeOne = (message: LogMessage) => Decoded | ColumnTick;

export class ColumnDecoder {
  readonly #catalogue: EventCatalogue;
  readonly #topics: ReadonlyMap<string, TopicColumns>;
  #texts = new TextTable();

  constructor(catalogue: EventCatalogue) {
    this.#catalogue = catalogue;
    const topics = [...catalogue.facts.keys(), INPUT_TOPIC];
    this.#topics = new Map(topics.map((topic) => [topic, new TopicColumns(topic, catalogue)]));
  }

  /**
   * Reads a message up to its events. Null if that part cannot be read into columns, or if it does not agree with the header `id`.
   */
  readHead(message: LogMessage): TickHead | null {
    return this.#topics.get(message.topic)?.readHead(message) ?? null;
  }

  /** Returns the decoder of a batch, whose messages share their columns. */
  startBatch(): DecodeOne {
    if (this.#texts.size > TEXTS_MAX) this.#texts = new TextTable();
    const texts = this.#texts;
    const byShape = new Map<EventShape, EventColumns>();
    const columnsOf = (shape: EventShape): EventColumns => {
      let columns = byShape.get(shape);
      if (columns === undefined) byShape.set(shape, (columns = new EventColumns(shape, texts)));
      return columns;
    };
    return (message) =>
      this.#topics.get(message.topic)?.read(message, columnsOf) ?? decodeMessage(message, this.#catalogue);
  }
}
