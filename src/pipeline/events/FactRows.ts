/** The facts of one kind in a tick, as rows: their values are in the words of the record. */
import { unpackField } from "../../game/events.ts";
import type { EventRows, MatchHead } from "../log/MessageEvents.ts";
import type { IdTable } from "./IdTable.ts";
import { type EventLayout, type PlacedField, placeFields, wordsOfGroup } from "./RecordLayout.ts";
import type { DecodedRecord } from "./TickDecoder.ts";
import { unknownName, unknownSeat } from "./wordErrors.ts";

/** What the rows of a kind have in common. */
export class FactKind {
  readonly placed: readonly PlacedField[];
  readonly fields: readonly string[];
  /** Those whose words can have no meaning. */
  readonly #checked: readonly PlacedField[];

  constructor(event: EventLayout) {
    this.placed = placeFields(event);
    this.fields = this.placed.map(({ name }) => name);
    this.#checked = this.placed.filter(({ as }) => as !== "int" && as !== "seats");
  }

  /** Throws `RecordDamaged` if a word of the fact at `words[at]` has no valid meaning, as `EventWriter` does. */
  check(words: readonly number[], at: number, { players: { length: seats } }: IdTable): void {
    const ofGroup = wordsOfGroup(seats);
    for (const { as, name, names, word, groups } of this.#checked) {
      const value = words[at + word + groups * ofGroup];
      if (as === "seat") {
        if (value < -1 || value >= seats) throw unknownSeat(value, seats);
      } else if (names?.[value] === undefined) throw unknownName(name, value);
    }
  }
}

export class FactRows implements EventRows {
  readonly match: MatchHead;
  readonly tick: number;
  readonly at: number;
  readonly kind = "";
  readonly fields: readonly string[];
  readonly #words: readonly number[];
  readonly #placed: readonly PlacedField[];
  readonly #seats: number;
  readonly #wordsOfGroup: number;
  readonly #playerOf: (seat: number) => string;
  /** By row: where its words begin. */
  readonly #starts: number[] = [];
  readonly #indices: number[] = [];

  constructor({ tick, at, facts, table }: DecodedRecord, match: MatchHead, { fields, placed }: FactKind) {
    this.match = match;
    this.tick = tick;
    this.at = at;
    this.fields = fields;
    this.#words = facts;
    this.#placed = placed;
    this.#seats = table.players.length;
    this.#wordsOfGroup = wordsOfGroup(this.#seats);
    this.#playerOf = (seat) => table.playerNames[seat];
  }

  get length(): number {
    return this.#starts.length;
  }

  /** Adds the fact whose words begin at `start`. */
  add(start: number, index: number): void {
    this.#starts.push(start);
    this.#indices.push(index);
  }

  indexAt(row: number): number {
    return this.#indices[row];
  }

  valueAt(row: number, field: number): unknown {
    const placed = this.#placed[field];
    const at = this.#starts[row] + placed.word + placed.groups * this.#wordsOfGroup;
    return placed.as === "int" ? this.#words[at] : unpackField(placed, this.#words, at, this.#seats, this.#playerOf);
  }
}
