import type { ObjectStore } from "../../platform/objectStore/ObjectStore.ts";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { eventDate, utcDay, uuidV7TimeMs } from "../events/eventDate.ts";
import { QUEUE_TOPIC } from "../sinks/eventCatalogue.ts";
import { listFiles } from "../sinks/lake/lakeFiles.ts";
import { hourOf } from "../sinks/lake/lakeKeys.ts";
import { readRowGroups } from "../sinks/lake/readLake.ts";
import type { Difference } from "./AuditReport.ts";

/**
 * Compares the queue's events that were created in [sinceMs, untilMs) in lake and warehouse, by their ids. Keeps all these ids in
 * memory.
 */
export async function compareQueue(
  objects: ObjectStore,
  sql: SqlRunner | null,
  sinceMs: number,
  untilMs: number,
): Promise<{ events: number; differences: Difference[] }> {
  const differences: Difference[] = [];
  const days = new Map<string, Set<string>>();
  let events = 0;
  for await (const file of listFiles(objects, QUEUE_TOPIC, hourOf(sinceMs) - 1)) {
    for await (const rows of readRowGroups(objects, file, ["id"])) {
      for (const id of rows.map((row) => String(row.id))) {
        const createdAtMs = uuidV7TimeMs(id);
        if (createdAtMs < sinceMs || createdAtMs >= untilMs) continue;
        events++;
        const day = days.get(eventDate(id)) ?? new Set<string>();
        days.set(eventDate(id), day);
        if (day.has(id)) differences.push(difference("lake", `queue event ${id} is stored twice`));
        day.add(id);
      }
    }
  }
  if (sql !== null)
    for (const day of new Set([...days.keys(), ...(await daysInWarehouse(sql, sinceMs))]))
      differences.push(...(await compareDay(sql, day, days.get(day) ?? new Set(), [sinceMs, untilMs])));
  return { events, differences };
}

async function daysInWarehouse(sql: SqlRunner, sinceMs: number): Promise<string[]> {
  const { rows } = await sql.query<{ day: string }>(
    "SELECT DISTINCT event_date::text AS day FROM dw.fact_queue WHERE event_date >= $1",
    [utcDay(Math.max(0, sinceMs))],
  );
  return rows.map(({ day }) => day);
}

async function compareDay(
  sql: SqlRunner,
  day: string,
  ids: ReadonlySet<string>,
  [sinceMs, untilMs]: readonly [number, number],
): Promise<Difference[]> {
  const { rows } = await sql.query<{ id: string }>("SELECT id FROM dw.fact_queue WHERE event_date = $1", [day]);
  const stored = new Set(rows.map(({ id }) => id));
  const missing = [...ids].filter((id) => !stored.has(id));
  const isInTime = (createdAtMs: number) => createdAtMs >= sinceMs && createdAtMs < untilMs;
  const surplus = [...stored].filter((id) => !ids.has(id) && isInTime(uuidV7TimeMs(id)));
  return [
    ...missing.map((id) => difference("warehouse", `fact_queue has no row for ${id}`)),
    ...surplus.map((id) => difference("lake", `has no queue event ${id}, but fact_queue has it`)),
  ];
}

function difference(store: Difference["store"], detail: string): Difference {
  return { store, matchId: null, detail };
}
