import type { ObjectStore } from "../../platform/objectStore/ObjectStore.ts";
import { hasTable } from "../../platform/sql/hasTable.ts";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { eventDate, utcDay, uuidV7TimeMs } from "../events/eventDate.ts";
import type { PlatformTopicName } from "../events/platformTopics.ts";
import { listFiles } from "../sinks/lake/lakeFiles.ts";
import { hourOf } from "../sinks/lake/lakeKeys.ts";
import { readRowGroups } from "../sinks/lake/readLake.ts";
import type { Difference } from "./AuditReport.ts";

/** A topic whose messages are events themselves, and the table that has a row for each. */
interface Compared {
  readonly topic: PlatformTopicName;
  readonly table: string;
  /** False: the publication of an event may be repeated, with the same id, and then the lake has it more than once. */
  readonly isOnce: boolean;
}

const topics: readonly Compared[] = [
  { topic: "logs_queue", table: "fact_queue", isOnce: true },
  { topic: "logs_player", table: "fact_player", isOnce: false },
  { topic: "logs_rating", table: "fact_rating", isOnce: false },
];

interface Comparison {
  events: number;
  readonly differences: Difference[];
}

interface Times {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/**
 * Compares the events of the queue, of players and of ratings in lake and warehouse, by their ids: those whose id was made at `sinceMs`
 * or later, and that happened before `untilMs`. Keeps all these ids in memory.
 */
export async function compareMessages(objects: ObjectStore, sql: SqlRunner | null, times: Times): Promise<Comparison> {
  const all: Comparison = { events: 0, differences: [] };
  for (const compared of topics) await compareTopic(objects, sql, compared, times, all);
  return all;
}

async function compareTopic(
  objects: ObjectStore,
  sql: SqlRunner | null,
  compared: Compared,
  times: Times,
  all: Comparison,
): Promise<void> {
  const days = new Map<string, Set<string>>();
  for await (const file of listFiles(objects, compared.topic, hourOf(times.sinceMs) - 1)) {
    for await (const rows of readRowGroups(objects, file, ["id", "at"])) {
      for (const row of rows) {
        const id = String(row.id);
        if (!isInTime(id, row.at as Date, times)) continue;
        all.events++;
        const day = days.get(eventDate(id)) ?? new Set<string>();
        days.set(eventDate(id), day);
        if (compared.isOnce && day.has(id))
          all.differences.push(difference("lake", `${nameOf(compared)} ${id} is stored twice`));
        day.add(id);
      }
    }
  }
  // A sink of an earlier build may not have created the table yet.
  if (sql === null || !(await hasTable(sql, `dw.${compared.table}`))) return;
  for (const day of new Set([...days.keys(), ...(await daysInWarehouse(sql, compared, times))]))
    all.differences.push(...(await compareDay(sql, compared, day, days.get(day) ?? new Set(), times)));
}

/** `logs_queue` → `queue event`. */
const nameOf = ({ topic }: Compared): string => `${topic.replace(/^logs_/, "")} event`;

/** The id of a rating has the time of the match's creation, which may be long before its end. */
function isInTime(id: string, at: Date, { sinceMs, untilMs }: Times): boolean {
  const latestMs = Math.max(uuidV7TimeMs(id), at.getTime());
  return uuidV7TimeMs(id) >= sinceMs && latestMs < untilMs;
}

async function daysInWarehouse(sql: SqlRunner, { table }: Compared, { sinceMs }: Times): Promise<string[]> {
  const { rows } = await sql.query<{ day: string }>(
    `SELECT DISTINCT event_date::text AS day FROM dw.${table} WHERE event_date >= $1`,
    [utcDay(Math.max(0, sinceMs))],
  );
  return rows.map(({ day }) => day);
}

async function compareDay(
  sql: SqlRunner,
  compared: Compared,
  day: string,
  ids: ReadonlySet<string>,
  times: Times,
): Promise<Difference[]> {
  const { table } = compared;
  const { rows } = await sql.query<{ id: string; at: Date }>(`SELECT id, at FROM dw.${table} WHERE event_date = $1`, [
    day,
  ]);
  const stored = new Map(rows.map(({ id, at }) => [id, at]));
  const missing = [...ids].filter((id) => !stored.has(id));
  const surplus = [...stored].filter(([id, at]) => !ids.has(id) && isInTime(id, at, times));
  return [
    ...missing.map((id) => difference("warehouse", `${table} has no row for ${id}`)),
    ...surplus.map(([id]) => difference("lake", `has no ${nameOf(compared)} ${id}, but ${table} has it`)),
  ];
}

function difference(store: Difference["store"], detail: string): Difference {
  return { store, matchId: null, detail };
}
