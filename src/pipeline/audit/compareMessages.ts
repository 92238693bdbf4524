/**
 * Compares the topics whose messages are events themselves, by the ids of the events: what the operational database has committed and
 * what the log has must be in the lake, and the warehouse must have what the lake has.
 */
import type { ObjectStore } from "../../platform/objectStore/ObjectStore.ts";
import { hasTable } from "../../platform/sql/hasTable.ts";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { utcDay, uuidV7TimeMs } from "../events/eventDate.ts";
import type { PlatformTopicName } from "../events/platformTopics.ts";
import type { Difference } from "./AuditReport.ts";
import type { CommittedEvents, CommittedTopic } from "./CommittedEvents.ts";
import { compareSessions } from "./compareSessions.ts";
import { isInTime, MessagesInLake, type Times } from "./messagesInLake.ts";

/** A topic whose messages are events themselves, and the table that has a row for each. */
interface Compared {
  readonly topic: PlatformTopicName;
  readonly table: string;
  /** Whether an event may have been published again after a failure, with the same id, as another record. */
  readonly mayRepeat: boolean;
  /** Whether earlier versions of the program published the topic, but did not have the table. */
  readonly isNewTable?: boolean;
}

const compared: readonly Compared[] = [
  { topic: "logs_queue", table: "fact_queue", mayRepeat: false },
  { topic: "logs_player", table: "fact_player", mayRepeat: true },
  { topic: "logs_rating", table: "fact_rating", mayRepeat: true },
  { topic: "logs_admin", table: "fact_admin", mayRepeat: true, isNewTable: true },
];

export const messageTopics: readonly PlatformTopicName[] = compared.map(({ topic }) => topic);

export interface MessageSources {
  readonly objects: ObjectStore;
  /** Null if there is none. */
  readonly warehouse: SqlRunner | null;
  /** Null if it is unknown. */
  readonly committed: CommittedEvents | null;
}

export interface Comparison {
  events: number;
  republished: number;
  readonly differences: Difference[];
  /** What the lake has, by topic. */
  readonly inLake: Map<string, MessagesInLake>;
}

export async function compareMessages(sources: MessageSources, times: Times): Promise<Comparison> {
  const all: Comparison = { events: 0, republished: 0, differences: [], inLake: new Map() };
  for (const one of compared) {
    const { topic, mayRepeat } = one;
    const inLake = await MessagesInLake.read(sources.objects, topic, mayRepeat, times);
    all.inLake.set(topic, inLake);
    all.events += inLake.events;
    all.republished += inLake.republished;
    for (const id of inLake.doubled) all.differences.push(difference("lake", `${nameOf(topic)} ${id} is stored twice`));
    const fromWarehouse = await compareWarehouse(sources.warehouse, one, inLake, times);
    const committed = sources.committed?.topics.find((other) => other.topic === topic);
    if (committed !== undefined) {
      const firstAt = committed.isNew ? Math.min(inLake.firstAt, fromWarehouse.firstAt) : 0;
      const { unpublished } = sources.committed!;
      all.differences.push(...compareCommitted({ ...committed, unpublished, firstAt }, inLake, times));
    }
    all.differences.push(...fromWarehouse.differences);
  }
  return all;
}

/** Finds the events that the log has and the lake does not. */
export function compareLog(
  { events }: { readonly events: ReadonlyMap<string, ReadonlyMap<string, Date>> },
  { inLake }: Pick<Comparison, "inLake">,
  times: Times,
): Pick<Comparison, "events" | "republished" | "differences"> {
  const differences = [...events].flatMap(([topic, ids]) => {
    const settled = new Map([...ids].filter(([id, at]) => isInTime(id, at, times)));
    return lackingInLake(topic, settled, inLake.get(topic)!, "the log");
  });
  return { events: 0, republished: 0, differences };
}

/** `logs_queue` → `queue event`. */
const nameOf = (topic: string): string => `${topic.replace(/^logs_/, "")} event`;

/**
 * @param ids time of the event, by its id
 * @param owner what has the events
 */
function lackingInLake(
  topic: string,
  ids: ReadonlyMap<string, Date>,
  inLake: Pick<MessagesInLake, "has">,
  owner: string,
): Difference[] {
  const missing = [...ids.keys()].filter((id) => !inLake.has(id));
  return missing.map((id) => difference("lake", `has no ${nameOf(topic)} ${id}, but ${owner} has it`));
}

interface CommittedComparison extends CommittedTopic, Pick<CommittedEvents, "unpublished"> {
  /** Earlier events are not expected, Unix ms. */
  readonly firstAt: number;
}

function compareCommitted(
  { topic, table, ids, isComplete, unpublished, firstAt }: CommittedComparison,
  inLake: MessagesInLake,
  times: Times,
): Difference[] {
  const isExpected = ([id, at]: readonly [string, Date]) =>
    at.getTime() >= firstAt && isInTime(id, at, times) && !unpublished.has(id);
  const expected = new Map([...ids].filter(isExpected));
  const differences = lackingInLake(topic, expected, inLake, table);
  if (!isComplete) return differences;
  const surplus = [...inLake.days.values()].flatMap((day) => [...day.keys()].filter((id) => !ids.has(id)));
  return [
    ...differences,
    ...surplus.map((id) => difference("database", `${table} has no row for ${nameOf(topic)} ${id}`)),
  ];
}

interface WarehouseComparison {
  readonly differences: readonly Difference[];
  /** Time of the first row, Unix ms. */
  readonly firstAt: number;
}

async function compareWarehouse(
  sql: SqlRunner | null,
  { topic, table, isNewTable = false }: Compared,
  inLake: MessagesInLake,
  times: Times,
): Promise<WarehouseComparison> {
  // A sink of an earlier build may not have created the table yet.
  if (sql === null || !(await hasTable(sql, `dw.${table}`)))
    return { differences: [], firstAt: Number.POSITIVE_INFINITY };
  const firstRows = await sql.query<{ first: Date | null }>(`SELECT min(at) AS first FROM dw.${table}`);
  const firstAt = firstRows.rows[0].first?.getTime() ?? Number.POSITIVE_INFINITY;
  const isExpected = (id: string) => !isNewTable || uuidV7TimeMs(id) >= firstAt;
  const differences: Difference[] = [];
  for (const day of new Set([...inLake.days.keys(), ...(await daysInWarehouse(sql, table, times))])) {
    const ids = inLake.days.get(day) ?? new Map();
    const { missing, surplus } = await compareDay(sql, table, day, ids, times);
    for (const id of missing.filter(isExpected))
      differences.push(difference("warehouse", `${table} has no row for ${id}`));
    differences.push(...surplus.map((id) => difference("lake", `has no ${nameOf(topic)} ${id}, but ${table} has it`)));
  }
  if (topic === "logs_player") {
    const { missing, surplus } = await compareSessions(sql, inLake.connections, times);
    differences.push(...missing.map((detail) => difference("warehouse", detail)));
    differences.push(...surplus.map((detail) => difference("lake", detail)));
  }
  return { differences, firstAt };
}

async function daysInWarehouse(sql: SqlRunner, table: string, { sinceMs }: Times): Promise<string[]> {
  const { rows } = await sql.query<{ day: string }>(
    `SELECT DISTINCT event_date::text AS day FROM dw.${table} WHERE event_date >= $1`,
    [utcDay(Math.max(0, sinceMs))],
  );
  return rows.map(({ day }) => day);
}

async function compareDay(
  sql: SqlRunner,
  table: string,
  day: string,
  ids: ReadonlyMap<string, string>,
  times: Times,
): Promise<{ missing: string[]; surplus: string[] }> {
  const { rows } = await sql.query<{ id: string; at: Date }>(`SELECT id, at FROM dw.${table} WHERE event_date = $1`, [
    day,
  ]);
  const stored = new Map(rows.map(({ id, at }) => [id, at]));
  const surplus = [...stored].filter(([id, at]) => !ids.has(id) && isInTime(id, at, times));
  return { missing: [...ids.keys()].filter((id) => !stored.has(id)), surplus: surplus.map(([id]) => id) };
}

function difference(store: Difference["store"], detail: string): Difference {
  return { store, matchId: null, detail };
}
