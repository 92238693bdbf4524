/**
 * The offsets that the log had deleted before a sink read them, in the table `skipped_offsets` of the sink's schema: because the
 * sink was stopped for longer than the log keeps messages, or because its database was restored from a backup that is older than the
 * messages of the log. A row stays until its messages have been stored from the lake.
 */
import { and, asc, eq } from "drizzle-orm";
import { bigint, integer, pgSchema, text } from "drizzle-orm/pg-core";
import { asCalled } from "../../platform/commandLine/asCalled.ts";
import type { Sql, SqlRunner } from "../../platform/sql/Sql.ts";

/** Raw SQL: drizzle's builder does not create tables. */
export const SKIPPED_COLUMNS = `sink text, topic text, partition integer, first_offset bigint, next_offset bigint NOT NULL,
  noticed_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (sink, topic, partition, first_offset)`;

function skippedOf(schema: string) {
  return pgSchema(schema).table("skipped_offsets", {
    sink: text("sink").notNull(),
    topic: text("topic").notNull(),
    partition: integer("partition").notNull(),
    firstOffset: bigint("first_offset", { mode: "bigint" }).notNull(),
    nextOffset: bigint("next_offset", { mode: "bigint" }).notNull(),
  });
}

/** Offsets from `firstOffset` (inclusive) to `nextOffset` (exclusive). */
export interface SkippedRange {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: bigint;
  readonly nextOffset: bigint;
}

const SHOWN = 3;

export class SkippedOffsets {
  readonly #sql: Sql;
  readonly #table: ReturnType<typeof skippedOf>;
  readonly #sink: string;
  /** Not yet in the table, by topic and partition. */
  readonly #noticed = new Map<string, SkippedRange>();

  constructor(sql: Sql, schema: string, sink: string) {
    this.#sql = sql;
    this.#table = skippedOf(schema);
    this.#sink = sink;
  }

  notice(range: SkippedRange): void {
    this.#noticed.set(keyOf(range.topic, range.partition), range);
  }

  /** What is not stored yet. */
  noticed(): SkippedRange[] {
    return [...this.#noticed.values()];
  }

  /** Stores the skipped ranges of the partition. Call it in the transaction that moves the offset past them. */
  async store(tx: SqlRunner, topic: string, partition: number): Promise<void> {
    const range = this.#noticed.get(keyOf(topic, partition));
    if (range === undefined) return;
    await tx.orm
      .insert(this.#table)
      .values({ ...range, sink: this.#sink })
      .onConflictDoNothing();
  }

  /** Call this after the transaction of `store` is committed. */
  markStored(topic: string, partition: number): void {
    this.#noticed.delete(keyOf(topic, partition));
  }

  forget(topic: string, partition: number): void {
    this.#noticed.delete(keyOf(topic, partition));
  }

  async read(): Promise<SkippedRange[]> {
    const { topic, partition, firstOffset, nextOffset, sink } = this.#table;
    return this.#sql.orm
      .select({ topic, partition, firstOffset, nextOffset })
      .from(this.#table)
      .where(eq(sink, this.#sink))
      .orderBy(asc(topic), asc(partition), asc(firstOffset));
  }

  async remove({ topic, partition, firstOffset }: SkippedRange): Promise<void> {
    const table = this.#table;
    await this.#sql.orm
      .delete(table)
      .where(
        and(
          eq(table.sink, this.#sink),
          eq(table.topic, topic),
          eq(table.partition, partition),
          eq(table.firstOffset, firstOffset),
        ),
      );
  }

  /** Reports what is missing, as one line, or null. Does nothing while the database is unavailable. */
  async reportTo(report: (line: string | null) => void = () => {}): Promise<void> {
    const line = await this.#problem().catch(() => undefined);
    if (line !== undefined) report(line);
  }

  async #problem(): Promise<string | null> {
    const ranges = [...(await this.read()), ...this.#noticed.values()];
    if (ranges.length === 0) return null;
    return (
      `sink ${this.#sink}: the log had deleted messages before they were stored (${describeRanges(ranges)}): the sink was stopped for too long, or its database was restored from a backup that is older than the oldest message of the log; ` +
      `store them from the lake with \`${asCalled(`npm run rebuild -- ${this.#sink} --from lake --only-missing --yes`)}\`, which deletes nothing`
    );
  }
}

/** The first ranges, and how many more there are. */
export function describeRanges(ranges: readonly SkippedRange[]): string {
  const texts = ranges.slice(0, SHOWN).map(describeRange);
  if (ranges.length > SHOWN) texts.push(`${ranges.length - SHOWN} more ranges`);
  return texts.join(", ");
}

export function describeRange({ topic, partition, firstOffset, nextOffset }: SkippedRange): string {
  return `offsets ${firstOffset} to ${nextOffset - 1n} of ${topic}[${partition}]`;
}

function keyOf(topic: string, partition: number): string {
  return `${topic} ${partition}`;
}
