/** The events of one shape in a batch of messages, by column. */
import type { LogMessage } from "../../log/EventLog.ts";
import type { MatchHead } from "../../log/MessageEvents.ts";
import type { EventShape } from "./EventShape.ts";
import { doubled, type TextTable } from "./TextTable.ts";

/** The code of null in a column of texts. */
export const NO_TEXT = -1;

interface FieldColumn {
  /**
   * By event. `int`: the number. `text`: a code of the text table, or `NO_TEXT`. `texts`: where its codes end in `list`; they begin
   * where those of the previous event end.
   */
  values: Int32Array;
  /** The codes of all events of a field `texts`. */
  list: Int32Array;
}

export class EventColumns {
  /** Number of events. */
  length = 0;
  readonly shape: EventShape;
  readonly texts: TextTable;
  /** Index of each event in its tick. */
  index = new Int32Array(0);
  /** In the order of the shape's fields. */
  readonly fields: readonly FieldColumn[];
  /** By field: the codes of the only texts that are allowed; null: any. */
  readonly names: readonly (readonly number[] | null)[];

  constructor(shape: EventShape, texts: TextTable) {
    this.shape = shape;
    this.texts = texts;
    this.fields = shape.fields.map(() => ({ values: new Int32Array(0), list: new Int32Array(8) }));
    this.names = shape.fields.map(({ names }) => names?.map((name) => texts.codeOfText(name)) ?? null);
  }

  /** Makes room for this many more events. @param likely number of events that the batch is expected to have */
  reserve(events: number, likely: number): void {
    const capacity = this.length + events;
    if (capacity <= this.index.length) return;
    const size = Math.max(capacity, 2 * this.index.length, likely);
    this.index = enlarged(this.index, size);
    for (const column of this.fields) column.values = enlarged(column.values, size);
  }

  /** Where the codes of the event's texts begin in the field's `list`. */
  listStart(field: number, event: number): number {
    return event === 0 ? 0 : this.fields[field].values[event - 1];
  }

  /** The value of a field as in the event's JSON. */
  valueOf(field: number, event: number): number | string | string[] | null {
    const { values, list } = this.fields[field];
    const { as } = this.shape.fields[field];
    if (as === "int") return values[event];
    if (as === "text") return values[event] === NO_TEXT ? null : this.texts.textOf(values[event]);
    const codes = list.subarray(this.listStart(field, event), values[event]);
    return Array.from(codes, (code) => this.texts.textOf(code));
  }
}

function enlarged(values: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size);
  larger.set(values);
  return larger;
}

export function addToList(column: FieldColumn, at: number, code: number): void {
  if (at === column.list.length) column.list = doubled(column.list);
  column.list[at] = code;
}

/** A tick of a match in one topic, decoded into columns: the events `from` to `to` (exclusive). It has no fields but these. */
export interface ColumnTick {
  readonly type: "columns";
  /** As the log delivered it. */
  readonly message: LogMessage;
  /** The same object for all ticks of the match. */
  readonly value: MatchHead;
  readonly tick: number;
  /** Unix ms. */
  readonly at: number;
  readonly columns: EventColumns;
  readonly from: number;
  readonly to: number;
  /** Length of the message's JSON in bytes, estimated if it was not needed. */
  readonly bytes: number;
}
