/**
 * The events `created`, `started` and `ended` of each match, in the table `results.match`. Of each kind, the first one is kept.
 * `created` and `started` may arrive in any order, because one of them may have been rejected and sent again. After `ended`, nothing
 * is kept.
 */
import { sql as fragment, isNull } from "drizzle-orm";
import { type AnyPgColumn, bigint, jsonb, pgSchema, uuid } from "drizzle-orm/pg-core";
import type { MatchEvents } from "../../../../schema/matchEvents.ts";
import { buildOnce } from "../../../platform/sql/buildOnce.ts";
import type { SqlRunner } from "../../../platform/sql/Sql.ts";
import type { DecodedTick } from "../decodeMessage.ts";

export const SCHEMA = "results";

/** Raw SQL: drizzle's builder does not create tables. Times are Unix ms. */
export const MATCH_COLUMNS =
  "match_id uuid PRIMARY KEY, created jsonb, created_at bigint, started jsonb, ended jsonb, ended_at bigint";

const matches = pgSchema(SCHEMA).table("match", {
  matchId: uuid("match_id").primaryKey(),
  created: jsonb("created").$type<StoredEvent<"created">>(),
  createdAt: bigint("created_at", { mode: "number" }),
  started: jsonb("started").$type<StoredEvent<"started">>(),
  ended: jsonb("ended").$type<MatchEvents["ended"]>(),
  endedAt: bigint("ended_at", { mode: "number" }),
});

/** Earlier builds did not store the version, which was 1. */
export type StoredEvent<K extends keyof MatchEvents> = MatchEvents[K] & { readonly v?: number };

/** A match that has just ended for the first time. */
export interface KeptMatch {
  readonly matchId: string;
  readonly game: string;
  readonly mode: string;
  /** Null if the log no longer has the event. */
  readonly created: StoredEvent<"created"> | null;
  readonly createdAt: number | null;
  /** Null if the match was not started. */
  readonly started: StoredEvent<"started"> | null;
  readonly ended: MatchEvents["ended"];
  readonly endedAt: number;
}

const kinds: ReadonlySet<string> = new Set(["created", "started", "ended"]);

export function hasKeptEvent({ value }: DecodedTick): boolean {
  return value.events.some(({ kind }) => kinds.has(kind!));
}

/** What some messages say about a match, in the columns of the table. */
interface Row {
  readonly match_id: string;
  created?: object;
  created_at?: number;
  started?: object;
  ended?: MatchEvents["ended"];
  ended_at?: number;
}

const keptIf = (column: AnyPgColumn, name: string) => fragment`coalesce(${column}, excluded.${fragment.raw(name)})`;
const onceEnded = <T>(column: AnyPgColumn) =>
  fragment<T | null>`case when ${matches.ended} is not null then ${column} end`;

/** Returns a row for each match that had not ended before. */
const keepRows = buildOnce((orm) =>
  orm
    .insert(matches)
    .select(
      orm
        .select({
          matchId: fragment`r.match_id`.as("match_id"),
          created: fragment`r.created`.as("created"),
          createdAt: fragment`r.created_at`.as("created_at"),
          started: fragment`r.started`.as("started"),
          ended: fragment`r.ended`.as("ended"),
          endedAt: fragment`r.ended_at`.as("ended_at"),
        })
        .from(
          fragment`jsonb_to_recordset(${fragment.placeholder("rows")}::jsonb) as r(match_id uuid, created jsonb, created_at bigint,
            started jsonb, ended jsonb, ended_at bigint)`,
        )
        // All transactions write in the same order, so they cannot deadlock.
        .orderBy(fragment`r.match_id`),
    )
    .onConflictDoUpdate({
      target: matches.matchId,
      set: {
        created: keptIf(matches.created, "created"),
        createdAt: keptIf(matches.createdAt, "created_at"),
        started: keptIf(matches.started, "started"),
        ended: fragment`excluded.ended`,
        endedAt: fragment`excluded.ended_at`,
      },
      setWhere: isNull(matches.ended),
    })
    .returning({
      matchId: matches.matchId,
      created: onceEnded<StoredEvent<"created">>(matches.created),
      createdAt: matches.createdAt,
      started: onceEnded<StoredEvent<"started">>(matches.started),
    }),
);

/** Stores the events, with one statement. Resolves to the matches that have ended now, in the order of their ends. */
export async function keepEvents(tx: SqlRunner, ticks: readonly DecodedTick[]): Promise<KeptMatch[]> {
  const rows = new Map<string, Row>();
  const ends = new Map<string, Pick<KeptMatch, "matchId" | "game" | "mode" | "ended" | "endedAt">>();
  for (const { value } of ticks) {
    const { matchId, game, mode, at, v } = value;
    const row: Row = rows.get(matchId) ?? { match_id: matchId };
    rows.set(matchId, row);
    for (const event of value.events) {
      if (event.kind === "created" && row.created === undefined)
        Object.assign(row, { created: { ...event, v }, created_at: at });
      else if (event.kind === "started") row.started ??= { ...event, v };
      else if (event.kind === "ended" && row.ended === undefined) {
        const ended = event as unknown as MatchEvents["ended"];
        Object.assign(row, { ended, ended_at: at });
        ends.set(matchId, { matchId, game, mode, ended, endedAt: at });
      }
    }
  }
  if (rows.size === 0) return [];
  const kept = await keepRows(tx, { rows: JSON.stringify([...rows.values()]) });
  const keptOf = new Map(kept.map((one) => [one.matchId, one]));
  return [...ends.values()].flatMap((end) => {
    const row = keptOf.get(end.matchId);
    return row === undefined ? [] : { ...row, ...end };
  });
}
