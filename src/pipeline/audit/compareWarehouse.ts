import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { eventDate } from "../events/eventDate.ts";
import { identityOf, type MatchTally, nameOfIdentity } from "./MatchTally.ts";

/** The one topic of which the warehouse stores only a part: moves of every few ticks. */
const SAMPLED_TOPIC = "logs_move";
const LISTED_MAX = 5;

interface WarehouseComparison {
  readonly sql: SqlRunner;
  /** Topics of facts, each of which has a table. */
  readonly factTopics: readonly string[];
  /** The topics of the tallies, in their order. */
  readonly topics: readonly string[];
}

interface MatchRow {
  readonly warehouse_move_ticks: number | null;
  readonly ended_at: Date | null;
}

/**
 * Compares a match in the lake with the warehouse. Returns the events that are missing in the warehouse or that it should
 * not have, one line of text each.
 */
export async function compareWithWarehouse(
  { sql, factTopics, topics }: WarehouseComparison,
  matchId: string,
  tally: MatchTally,
): Promise<string[]> {
  const [match] = (
    await sql.query<MatchRow>("SELECT warehouse_move_ticks, ended_at FROM dw.dim_match WHERE match_id = $1", [matchId])
  ).rows;
  if (match === undefined) return ["is missing in dim_match"];
  const lines = match.ended_at === null ? ["has no ended_at in dim_match"] : [];
  for (const topic of factTopics) {
    const everyTicks = topic === SAMPLED_TOPIC ? (match.warehouse_move_ticks ?? 1) : 1;
    const inLake = tally.identitiesIn(topics.indexOf(topic));
    const expected = new Set([...inLake].filter((identity) => tickOf(identity) % everyTicks === 0));
    lines.push(...(await compareTable(sql, `fact_${topic.replace(/^logs_/, "")}`, matchId, expected)));
  }
  return lines;
}

async function compareTable(sql: SqlRunner, table: string, matchId: string, expected: Set<number>): Promise<string[]> {
  const { rows } = await sql.query<{ tick: bigint; idx: number }>(
    `SELECT tick, idx FROM dw."${table}" WHERE event_date = $1 AND match_id = $2`,
    [eventDate(matchId), matchId],
  );
  const surplus: string[] = [];
  for (const { tick, idx } of rows) {
    const identity = identityOf(Number(tick), idx);
    if (!expected.delete(identity)) surplus.push(nameOfIdentity(identity));
  }
  const missing = [...expected].map(nameOfIdentity);
  return [
    ...listFirst(`${table} has no row for`, missing),
    ...listFirst(`${table} has rows that the lake does not have:`, surplus),
  ];
}

function tickOf(identity: number): number {
  return Math.floor(identity / identityOf(1, 0));
}

function listFirst(prefix: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > LISTED_MAX ? ` and ${names.length - LISTED_MAX} more` : "";
  return [`${prefix} ${names.slice(0, LISTED_MAX).join("; ")}${more}`];
}
