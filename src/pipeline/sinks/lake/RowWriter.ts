/**
 * Turns a decoded message into rows of its topic's table. Fields without a column are stored as JSON: those of the event in
 * `extra`, those of the message in `message_extra`. A field of which its nested column does not have everything is in `extra` too.
 */
import { uuidV7TimeMs } from "../../events/eventDate.ts";
import { type PlatformTopicName, platformTopics } from "../../events/platformTopics.ts";
import type { ColumnTick } from "../columns/EventColumns.ts";
import type { DecodedEvent, DecodedTick } from "../decodeMessage.ts";
import { ColumnWriter } from "./ColumnWriter.ts";
import { toColumn } from "./columnTypes.ts";
import { type Columns, dayOf, originOf } from "./headOfRow.ts";
import { eventKey, type FieldPositions, type LakeTable } from "./lakeTables.ts";
import { hasAll } from "./nestedTypes.ts";

export type Storable = DecodedTick | DecodedEvent | ColumnTick;

const MESSAGE_FIELDS = new Set(["v", "game", "matchId", "roomId", "mode", "tick", "at", "events"]);
/** Fields of an event that are columns of the table's head. */
const HEAD_FIELDS = { i: new Set(["i"]), "i kind": new Set(["i", "kind"]), at: new Set(["at"]) } as const;
type HeadFields = keyof typeof HEAD_FIELDS;
/** Not used for stored events: `decodeMessage` rejects kinds that are not declared. */
const NO_FIELDS: FieldPositions = new Map();

export class RowWriter {
  readonly #table: LakeTable;
  readonly #fieldsAt: number;
  readonly #tailAt: number;
  readonly #columnWriter: ColumnWriter;

  constructor(table: LakeTable) {
    this.#table = table;
    this.#fieldsAt = table.head.length;
    this.#tailAt = table.head.length + table.fields.length;
    this.#columnWriter = new ColumnWriter(table);
  }

  /** Adds the rows of one message to every column. */
  write(decoded: Storable, columns: Columns): void {
    if (decoded.type === "columns") this.#columnWriter.write(decoded, columns);
    else if (decoded.type === "tick") this.#writeTick(decoded, columns);
    else this.#writeMessage(decoded, columns);
  }

  #writeTick({ value, message }: DecodedTick, columns: Columns): void {
    const { v, game, matchId, roomId, mode, tick, at } = value;
    const eventDate = dayOf(uuidV7TimeMs(matchId));
    const messageExtra = messageExtraOf(value);
    const origin = originOf(message);
    const hasKinds = !this.#table.fieldPositions.has(eventKey(game, ""));
    let positions = this.#positionsOf(game, "");
    for (const event of value.events) {
      const kind = hasKinds ? event.kind! : null;
      push(columns, 0, [eventDate, matchId, tick, event.i, kind, at, v, game, roomId, mode]);
      if (kind !== null) positions = this.#positionsOf(game, kind);
      const extra = this.#writeFields(event, positions, kind === null ? "i" : "i kind", columns);
      push(columns, this.#tailAt, [extra, messageExtra]);
      push(columns, this.#tailAt + 2, origin);
    }
  }

  #writeMessage({ id, value, message }: DecodedEvent, columns: Columns): void {
    const { hasEventId } = platformTopics[message.topic as PlatformTopicName];
    const dayMs = hasEventId ? uuidV7TimeMs(id) : value.at;
    push(columns, 0, [dayOf(dayMs), id, value.at]);
    const extra = this.#writeFields(value, this.#positionsOf("", ""), "at", columns);
    push(columns, this.#tailAt, [extra]);
    push(columns, this.#tailAt + 1, originOf(message));
  }

  #positionsOf(game: string, kind: string): FieldPositions {
    return this.#table.fieldPositions.get(eventKey(game, kind)) ?? NO_FIELDS;
  }

  /** Returns the fields of which a column does not have everything, as JSON; null if there are none. */
  #writeFields(
    values: Readonly<Record<string, unknown>>,
    positions: FieldPositions,
    inHead: HeadFields,
    columns: Columns,
  ): string | null {
    const { fields } = this.#table;
    const row = new Array<unknown>(fields.length).fill(null);
    let extra: Record<string, unknown> | null = null;
    for (const field in values) {
      const placement = positions.get(field);
      if (placement !== undefined) {
        const { position } = placement;
        const { type } = fields[position];
        const stored = toColumn(type, values[field]);
        row[position] = stored;
        if (hasAll(type, stored, values[field])) continue;
        extra ??= {};
        extra[field] = values[field];
      } else if (!HEAD_FIELDS[inHead].has(field)) {
        extra ??= {};
        extra[field] = values[field];
      }
    }
    push(columns, this.#fieldsAt, row);
    return extra === null ? null : JSON.stringify(extra);
  }
}

function push(columns: Columns, from: number, values: readonly unknown[]): void {
  for (let at = 0; at < values.length; at++) columns[from + at].add(values[at]);
}

function messageExtraOf(value: DecodedTick["value"]): string | null {
  let extra: Record<string, unknown> | null = null;
  for (const [field, content] of Object.entries(value)) {
    if (MESSAGE_FIELDS.has(field)) continue;
    extra ??= {};
    extra[field] = content;
  }
  return extra === null ? null : JSON.stringify(extra);
}
