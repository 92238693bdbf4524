/** Creates and drops the daily partitions of the tables, in transactions of its own, because that locks tables. */
import type { Sql, SqlRunner } from "../../../platform/sql/Sql.ts";
import { utcDay } from "../../events/eventDate.ts";
import { lockSchema, SCHEMA_CHANGE } from "../ensureSchema.ts";
import type { DailyData } from "../retention/Retention.ts";
import { alter, limitLockWaits, namingUsers } from "./lockWaits.ts";
import { SCHEMA, type Table } from "./Table.ts";
import { dimMatch } from "./tables.ts";

const DAY_MS = 86_400_000;
const DAYS_AHEAD = 2;

/** `fact_move` and `2026-01-31` → `fact_move_20260131`. */
function partitionName(table: string, day: string): string {
  return `${table}_${day.replaceAll("-", "")}`;
}

/** The inverse of `partitionName`: `fact_move_20260131` → `2026-01-31`. */
function dayOfPartition(partition: string): string {
  return partition.slice(-8).replace(/(....)(..)(..)/, "$1-$2-$3");
}

function tableOf(partition: string): string {
  return partition.replace(/_\d{8}$/, "");
}

export class Partitions implements DailyData {
  readonly #sql: Sql;
  readonly #tables: readonly Table[];
  /** Days whose partitions exist. Another process may drop one, so call `forget` after a failure. */
  readonly #days = new Set<string>();

  constructor(sql: Sql, tables: readonly Table[]) {
    this.#sql = sql;
    this.#tables = tables.filter(({ partitionedByDay }) => partitionedByDay);
  }

  async ensure(days: Iterable<string>): Promise<void> {
    const missing = [...days].filter((day) => !this.#days.has(day)).sort();
    if (missing.length === 0) return;
    await this.#sql.transaction(async (tx) => {
      await lockSchema(tx, SCHEMA);
      const existing = await partitionNames(tx);
      for (const day of missing) {
        const next = utcDay(Date.parse(day) + DAY_MS);
        for (const { name } of this.#tables) {
          const partition = partitionName(name, day);
          if (existing.has(partition)) continue;
          await createPartition(tx, name, partition, `FROM ('${day}') TO ('${next}')`);
        }
      }
    }, SCHEMA_CHANGE);
    for (const day of missing) this.#days.add(day);
  }

  /** Creates the partitions of today and the next two days. */
  async ensureAhead(nowMs: number): Promise<void> {
    await this.ensure(Array.from({ length: DAYS_AHEAD + 1 }, (_, days) => utcDay(nowMs + days * DAY_MS)));
  }

  async daysBefore(oldestDay: string): Promise<string[]> {
    const { rows } = await this.#sql.query<{ day: string }>(
      `SELECT DISTINCT event_date::text AS day FROM ${SCHEMA}.${dimMatch.name} WHERE event_date < $1`,
      [oldestDay],
    );
    const partitions = this.#before(await partitionNames(this.#sql), oldestDay);
    return [...new Set([...partitions.map(dayOfPartition), ...rows.map(({ day }) => day)])].sort();
  }

  /** Drops the partitions and matches of earlier days. Players are kept. */
  async deleteBefore(oldestDay: string): Promise<string> {
    let [partitions, matches] = [0, 0];
    const drop = async (tx: SqlRunner): Promise<void> => {
      await lockSchema(tx, SCHEMA);
      await limitLockWaits(tx);
      const old = this.#before(await partitionNames(tx), oldestDay);
      for (const partition of old) {
        const table = `${SCHEMA}.${tableOf(partition)}`;
        await alter(tx, table, "lose its old days", `DROP TABLE ${SCHEMA}."${partition}"`);
      }
      const deleted = await tx.query(`DELETE FROM ${SCHEMA}.${dimMatch.name} WHERE event_date < $1`, [oldestDay]);
      [partitions, matches] = [old.length, deleted.rowCount ?? 0];
    };
    await namingUsers(this.#sql, () => this.#sql.transaction(drop, SCHEMA_CHANGE));
    for (const day of this.#days) if (day < oldestDay) this.#days.delete(day);
    return `${partitions} partitions and ${matches} matches`;
  }

  /** In the order of the tables. */
  #before(partitions: ReadonlySet<string>, oldestDay: string): string[] {
    const old = [...partitions].filter((partition) => dayOfPartition(partition) < oldestDay).sort();
    return this.#tables.flatMap(({ name }) =>
      old.filter((partition) => partitionName(name, dayOfPartition(partition)) === partition),
    );
  }

  forget(): void {
    this.#days.clear();
  }
}

/** CREATE TABLE … PARTITION OF would wait for all who read or write the table, and let others wait meanwhile. */
async function createPartition(tx: SqlRunner, table: string, partition: string, bounds: string): Promise<void> {
  const [whole, part] = [`${SCHEMA}."${table}"`, `${SCHEMA}."${partition}"`];
  const { rows } = await tx.query<{ name: string }>(
    "SELECT quote_ident(spcname) AS name FROM pg_tablespace t JOIN pg_class c ON c.reltablespace = t.oid WHERE c.oid = $1::regclass",
    [whole],
  );
  const tablespace = rows.length === 0 ? "" : ` TABLESPACE ${rows[0].name}`;
  const inherited = ["DEFAULTS", "CONSTRAINTS", "GENERATED", "STORAGE", "COMPRESSION"].map(
    (kind) => `INCLUDING ${kind}`,
  );
  await tx.query(`CREATE TABLE ${part} (LIKE ${whole} ${inherited.join(" ")})${tablespace}`);
  await tx.query(`ALTER TABLE ${whole} ATTACH PARTITION ${part} FOR VALUES ${bounds}`);
}

async function partitionNames(tx: SqlRunner): Promise<Set<string>> {
  const { rows } = await tx.query<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r' AND relispartition",
    [SCHEMA],
  );
  return new Set(rows.map(({ name }) => name));
}
