/** Copies the facts of the arena into the tables of the schema `bare`, which have the columns of the warehouse but no key. */
import { finished } from "node:stream/promises";
import pg from "pg";
import { from } from "pg-copy-streams";

type Event = Readonly<Record<string, unknown>>;

interface TickValue {
  readonly matchId: string;
  readonly tick: number;
  readonly at: number;
  readonly events: readonly Event[];
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  logs_move: ["player", "x", "y", "aim"],
  logs_attack: ["attacker", "target", "weapon", "damage", "targetHp", "x", "y", "rewindTicks"],
  logs_heal: ["healer", "target", "amount", "targetHp"],
  logs_death: ["victim", "killer", "assists", "weapon", "x", "y"],
};
const NULL = "\\N";

/** `logs_move` → `fact_move`. */
export const factTableOf = (topic: string): string => topic.replace("logs_", "fact_");
export const FACT_TABLES: readonly string[] = Object.keys(FIELDS).map(factTableOf);

/** The UTC day of the time in a UUIDv7. */
export function dayOf(matchId: string): string {
  return new Date(Number.parseInt(matchId.slice(0, 8) + matchId.slice(9, 13), 16)).toISOString().slice(0, 10);
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return NULL;
  const text = Array.isArray(value) ? `{${value.map((one) => JSON.stringify(one)).join(",")}}` : String(value);
  return /[\\\t\n\r]/.test(text) ? escaped(text) : text;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };
const escaped = (text: string): string => text.replace(/[\\\t\n\r]/g, (found) => ESCAPES[found]);

export class FactCopies {
  readonly #client: pg.Client;
  /** Rows that are not stored yet, by topic. */
  readonly #rows = new Map<string, string>(Object.keys(FIELDS).map((topic) => [topic, ""]));

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(url: string): Promise<FactCopies> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query("CREATE SCHEMA IF NOT EXISTS bare");
    for (const table of FACT_TABLES) await client.query(`CREATE TABLE bare.${table} (LIKE dw.${table})`);
    return new FactCopies(client);
  }

  /** Ignores topics without facts. */
  add(topic: string, { matchId, tick, at, events }: TickValue): void {
    const fields = FIELDS[topic];
    if (fields === undefined) return;
    const head = `${dayOf(matchId)}\t${matchId}\t${tick}\t`;
    const time = new Date(at).toISOString();
    let rows = this.#rows.get(topic)!;
    for (const event of events) {
      rows += `${head}${event.i}\t${time}`;
      for (const field of fields) rows += `\t${textOf(event[field])}`;
      rows += `\t${NULL}\n`;
    }
    this.#rows.set(topic, rows);
  }

  async store(): Promise<void> {
    await this.#client.query("BEGIN");
    for (const [topic, rows] of this.#rows) {
      if (rows === "") continue;
      this.#rows.set(topic, "");
      const copy = this.#client.query(from(`COPY bare.${factTableOf(topic)} FROM STDIN`));
      copy.end(rows);
      await finished(copy);
    }
    await this.#client.query("COMMIT");
  }

  async close(): Promise<void> {
    await this.store();
    await this.#client.end();
  }
}
