/** The events of a message in the lake, as rows: a part of a row group. */
import type { DecodedArray } from "hyparquet/src/types.js";
import type { EventRows, MatchHead } from "../../log/MessageEvents.ts";
import { type ColumnType, fromColumn } from "./columnTypes.ts";
import type { FileFields } from "./fileFields.ts";
import { eventKey } from "./lakeTables.ts";
import type { RowGroup, RowsOfGroup } from "./RowGroup.ts";

/** The fields of one kind of event in a row group. */
interface KindColumns {
  readonly kind: string;
  readonly fields: readonly string[];
  readonly columns: readonly { readonly values: DecodedArray; readonly type: ColumnType; readonly nullable: boolean }[];
}

/** Finds the events of messages in the row groups of a file. */
export class RowsInFile {
  readonly #file: FileFields;
  /** By `eventKey`. They stay the same for all row groups. */
  readonly #fields = new Map<string, readonly string[]>();
  /** By `eventKey`. */
  #kinds = new Map<string, KindColumns>();
  #group: RowGroup | null = null;
  #match: MatchHead | null = null;

  constructor(file: FileFields) {
    this.#file = file;
  }

  /**
   * The events `from` to `to` (exclusive), all of which are of one message. Undefined if they are of several kinds, or if the message or
   * an event has a field without a column.
   */
  of({ group, from, to }: RowsOfGroup): EventRows | undefined {
    if (group !== this.#group) this.#kinds = new Map();
    this.#group = group;
    const [kinds, extra, messageExtra] = ["kind", "extra", "message_extra"].map((name) => group.column(name));
    for (let at = from; at < to; at++)
      if (kinds[at] !== kinds[from] || extra[at] != null || messageExtra[at] != null) return undefined;
    return new LakeRows(group, this.#matchAt(group, from), this.#kindOf(group, from), from, to);
  }

  #matchAt(group: RowGroup, at: number): MatchHead {
    const [v, game, matchId, roomId, mode] = ["v", "game", "match_id", "room_id", "mode"].map(
      (name) => group.column(name)[at],
    );
    const last = this.#match;
    const isLast = last !== null && last.matchId === matchId && last.v === v && last.game === game;
    if (isLast && last.roomId === roomId && last.mode === mode) return last;
    this.#match = {
      v: v as number,
      game: String(game),
      matchId: String(matchId),
      roomId: String(roomId),
      mode: String(mode),
    };
    return this.#match;
  }

  #kindOf(group: RowGroup, at: number): KindColumns {
    const kind = String(group.column("kind")[at] ?? "");
    const key = eventKey(String(group.column("game")[at]), kind);
    let found = this.#kinds.get(key);
    if (found === undefined) {
      const positions = [...(this.#file.fieldPositions.get(key) ?? [])];
      let fields = this.#fields.get(key);
      if (fields === undefined) this.#fields.set(key, (fields = positions.map(([field]) => field)));
      const columns = positions.map(([, { position, nullable }]) => {
        const { name, type } = this.#file.fields[position];
        return { values: group.column(name), type, nullable };
      });
      this.#kinds.set(key, (found = { kind, fields, columns }));
    }
    return found;
  }
}

class LakeRows implements EventRows {
  readonly match: MatchHead;
  readonly tick: number;
  readonly at: number;
  readonly kind: string;
  readonly fields: readonly string[];
  readonly length: number;
  readonly #columns: KindColumns["columns"];
  readonly #indices: DecodedArray;
  readonly #from: number;

  constructor(group: RowGroup, match: MatchHead, { kind, fields, columns }: KindColumns, from: number, to: number) {
    this.match = match;
    this.tick = Number(group.column("tick")[from]);
    this.at = (group.column("at")[from] as Date).getTime();
    this.kind = kind;
    this.fields = fields;
    this.length = to - from;
    this.#columns = columns;
    this.#indices = group.column("idx");
    this.#from = from;
  }

  indexAt(row: number): number {
    return Number(this.#indices[this.#from + row]);
  }

  valueAt(row: number, field: number): unknown {
    const { values, type, nullable } = this.#columns[field];
    const value = fromColumn(type, values[this.#from + row]);
    return value === null && !nullable ? undefined : value;
  }
}
