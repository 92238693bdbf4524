/** The state and the facts of a match as tables and lists. */
import { element } from "../element.ts";
import { texts } from "../texts.ts";
import type { Table, Values } from "./readState.ts";

/** What is known of the players of a match: the name of each, by player id. */
type Names = ReadonlyMap<string, string>;

export function namesIn(tables: readonly Table[]): Names {
  const rows = tables.flatMap((table) => table.rows);
  return new Map(rows.map(({ values }) => [String(values.playerId ?? ""), String(values.name ?? "")]));
}

export function fieldList(fields: readonly (readonly [name: string, text: string])[]): HTMLElement {
  const entries = fields.flatMap(([name, text]) => [element("dt", {}, name), element("dd", {}, text)]);
  return element("dl", { "data-testid": "fields" }, ...entries);
}

/** `sessionId` marks the row of this client's player. */
export function tableOf({ name, columns, rows }: Table, sessionId: string): HTMLElement {
  const head = element("tr", {}, ...columns.map((column) => element("th", { scope: "col" }, column)));
  const body = rows.map(({ key, values }) => {
    const isOwn = key === sessionId;
    const cells = columns.map((column) => element("td", {}, cellText(column, values)));
    return element("tr", { "data-own": isOwn, "data-bot": values.bot === true }, ...cells);
  });
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...body));
  return element("section", { "data-table": name }, element("h2", {}, name), element("div", { class: "wide" }, table));
}

function cellText(column: string, values: Values): string {
  const value = values[column];
  if (value === undefined) return "";
  if (column === "playerId") return shortId(String(value));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The ids of players are too long for a table, and their first characters tell them apart. Those of bots are short. */
const shortId = (id: string): string => (id.length > 24 ? id.slice(0, 8) : id);

/** A fact of the message `facts`: `t` is the name of its event. */
export interface Fact extends Values {
  readonly t: string;
}

/** One line: the tick, the event and its fields, with names of players for their ids. */
export function factLine(tick: number, { t, ...fields }: Fact, names: Names): HTMLElement {
  const shown = (value: unknown): string =>
    Array.isArray(value) ? value.map(shown).join(", ") : names.get(String(value)) || String(value);
  const parts = Object.entries(fields).map(([name, value]) => `${name} ${shown(value)}`);
  return element(
    "li",
    {},
    element("b", {}, t),
    " ",
    parts.join(", "),
    element("small", {}, texts.neutral.atTick(tick)),
  );
}
