/**
 * Owns which tables the warehouse has. A fact table for each topic of facts, its columns generated from the events'
 * declarations; the rest, which describes matches, players and the queue, is the same for every game.
 */
import type { EventCatalogue, EventColumn } from "../eventCatalogue.ts";
import { column, type Table } from "./Table.ts";

const MOMENT = "timestamp with time zone";
const sqlType = { integer: "integer", text: "text", texts: "text[]" } as const satisfies Record<
  EventColumn["type"],
  string
>;

/** What every fact begins with; its identity is `event_date`, `match_id`, `tick`, `idx`. */
const factHead = [
  column("event_date", "date"),
  column("match_id", "uuid"),
  column("tick", "bigint"),
  column("idx", "integer"),
  column("at", MOMENT),
];

/** Fields that were in the event and that this build does not know. */
const extra = column("extra", "jsonb");

export interface FactTable extends Table {
  readonly fields: readonly EventColumn[];
}

/** `logs_move` → `fact_move`. */
function factTable(topic: string, fields: readonly EventColumn[]): FactTable {
  const reserved = new Set([...factHead, extra].map(({ name }) => name));
  const clash = fields.find(({ name }) => reserved.has(name));
  if (clash !== undefined) throw new Error(`${topic}: an event's field may not be called ${clash.field}`);
  return {
    name: `fact_${topic.replace(/^logs_/, "")}`,
    columns: [...factHead, ...fields.map(({ name, type }) => column(name, sqlType[type])), extra],
    key: ["event_date", "match_id", "tick", "idx"],
    byDay: true,
    fields,
  };
}

export const factQueue: Table = {
  name: "fact_queue",
  columns: [
    column("event_date", "date"),
    column("id", "uuid"),
    column("at", MOMENT),
    column("game", "text"),
    column("kind", "text"),
    column("player", "text"),
    column("mode", "text"),
    column("strategy", "text"),
    column("rating", "bigint"),
    column("wait_ms", "bigint"),
    column("party", "text"),
    column("region", "text"),
    column("match_id", "text"),
  ],
  key: ["event_date", "id"],
  byDay: true,
};

/** Who stood where at the end of a match: one row a seat, from `ended`. */
export const factParticipation: Table = {
  name: "fact_participation",
  columns: [
    column("event_date", "date"),
    column("match_id", "uuid"),
    column("seat", "integer"),
    column("player", "text"),
    column("team", "integer"),
    column("bot", "boolean"),
    column("place", "bigint"),
    column("score", "bigint"),
    column("kills", "bigint"),
    column("deaths", "bigint"),
    column("has_left", "boolean"),
  ],
  key: ["event_date", "match_id", "seat"],
  byDay: true,
};

/** One row a match, put together from `created`, `started` and `ended` in whatever order they come. */
export const dimMatch: Table = {
  name: "dim_match",
  columns: [
    column("match_id", "uuid"),
    column("event_date", "date"),
    column("game", "text"),
    column("mode", "text"),
    column("room_id", "text"),
    column("warehouse_move_ticks", "integer"),
    column("created_at", MOMENT),
    column("rules_version", "text"),
    column("rated", "boolean"),
    column("region", "text"),
    column("source", "text"),
    column("started_at", MOMENT),
    column("weight", "real"),
    column("roster", "jsonb"),
    column("ended_at", MOMENT),
    column("reason", "text"),
    column("last_tick", "bigint"),
    column("standings", "jsonb"),
    column("team_scores", "jsonb"),
    column("counts", "jsonb"),
    column("shed", "jsonb"),
  ],
  key: ["match_id"],
  byDay: false,
};

export const dimPlayer: Table = {
  name: "dim_player",
  columns: [
    column("player", "text"),
    column("bot", "boolean"),
    column("first_seen", MOMENT),
    column("last_seen", MOMENT),
  ],
  key: ["player"],
  byDay: false,
};

export interface Tables {
  /** By topic. */
  readonly facts: ReadonlyMap<string, FactTable>;
  readonly all: readonly Table[];
}

/** Throws where a game's topic or field would collide with the warehouse's own. */
export function tablesOf(catalogue: EventCatalogue): Tables {
  const facts = new Map([...catalogue.facts].map(([topic, fields]) => [topic, factTable(topic, fields)]));
  const all: Table[] = [factQueue, factParticipation, dimMatch, dimPlayer];
  for (const table of facts.values()) {
    if (all.some(({ name }) => name === table.name)) throw new Error(`a game's topic may not be called ${table.name}`);
    all.push(table);
  }
  return { facts, all };
}
