/** Reads the state of any game, as the plain values that `toJSON` of a schema returns. */

export type Values = Readonly<Record<string, unknown>>;

/** A map or an array of objects in the state. */
export interface Table {
  readonly name: string;
  /** Names of all fields, in the order in which they are first met. */
  readonly columns: readonly string[];
  readonly rows: readonly { readonly key: string; readonly values: Values }[];
}

/** A part of the state with a position. */
export interface Body {
  /** The same for the same body in every state. */
  readonly id: string;
  readonly x: number;
  readonly y: number;
  /** Name of a player; empty for anything else. */
  readonly name: string;
  readonly kind: "own" | "player" | "bot" | "thing";
}

const isObject = (value: unknown): value is Values => typeof value === "object" && value !== null;

const isPlayer = (values: Values): boolean => "playerId" in values && "bot" in values;

/** Fields with one value, or with a list of numbers or texts. */
export function fieldsOf(state: Values): [name: string, text: string][] {
  return Object.entries(state).flatMap(([name, value]): [string, string][] => {
    if (!isObject(value)) return [[name, String(value)]];
    if (!Array.isArray(value) || value.some(isObject)) return [];
    return [[name, value.join(" ")]];
  });
}

/** Maps and arrays of objects, and single objects as a table of one row. Players come first. */
export function tablesOf(state: Values): Table[] {
  const tables = Object.entries(state).flatMap(([name, value]): Table[] => {
    if (!isObject(value)) return [];
    const entries = Object.entries(value);
    const isRow = !Array.isArray(value) && entries.length > 0 && !entries.some(([, entry]) => isObject(entry));
    const all: [string, unknown][] = isRow ? [["", value]] : entries;
    const rows = all.flatMap(([key, values]) => (isObject(values) ? [{ key, values }] : []));
    if (rows.length === 0) return [];
    return [{ name, columns: [...new Set(rows.flatMap(({ values }) => Object.keys(values)))], rows }];
  });
  const hasPlayers = ({ rows }: Table): boolean => rows.some(({ values }) => isPlayer(values));
  return tables.sort((a, b) => Number(hasPlayers(b)) - Number(hasPlayers(a)));
}

/** Every row that has numbers `x` and `y`. `sessionId` is that of this client, the key of its own player. */
export function bodiesOf(tables: readonly Table[], sessionId: string): Body[] {
  return tables.flatMap(({ name: table, rows }) =>
    rows.flatMap(({ key, values }): Body[] => {
      const { x, y, name } = values;
      if (typeof x !== "number" || typeof y !== "number") return [];
      const kind = !isPlayer(values) ? "thing" : key === sessionId ? "own" : values.bot === true ? "bot" : "player";
      return [{ id: `${table}/${key}`, x, y, kind, name: kind === "thing" ? "" : String(name ?? "") }];
    }),
  );
}
