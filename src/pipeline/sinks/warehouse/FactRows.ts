import type { Element } from "../../../platform/sql/arrays.ts";
import type { DecodedTick } from "../decodeMessage.ts";
import { elementOf, RowSet } from "./RowSet.ts";
import type { FactTable } from "./tables.ts";

/** The rows of one fact table: one row per event of a tick. */
export class FactRows extends RowSet {
  readonly #fields: readonly { readonly field: string; readonly type: "integer" | "text" | "text[]" }[];
  readonly #known: ReadonlySet<string>;

  constructor(table: FactTable) {
    super(table);
    this.#fields = table.fields.map(({ field, type }) => ({ field, type: type === "texts" ? "text[]" : type }));
    this.#known = new Set(["i", ...table.fields.map(({ field }) => field)]);
  }

  addTick({ value }: DecodedTick, eventDate: string): void {
    const tick = String(value.tick);
    const at = String(value.at);
    for (const event of value.events) {
      const row: Element[] = [eventDate, value.matchId, tick, String(event.i), at];
      for (const { field, type } of this.#fields) row.push(elementOf(type, event[field]));
      row.push(this.#extraOf(event));
      this.addElements(row);
    }
  }

  #extraOf(event: Readonly<Record<string, unknown>>): Element {
    let extra: Record<string, unknown> | null = null;
    for (const field in event) {
      if (!this.#known.has(field)) (extra ??= {})[field] = event[field];
    }
    return elementOf("jsonb", extra);
  }
}
