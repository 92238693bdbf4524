/**
 * The tables of the warehouse. Each topic of facts has a fact table, whose columns are generated from the events' declarations.
 * The tables of matches, players, operators and the queue are the same for every game.
 */
import * as z from "zod";
import { type PlatformTopicName, platformTopics } from "../../events/platformTopics.ts";
import { type EventCatalogue, type EventColumn, snakeCase } from "../eventCatalogue.ts";
import { columnTypeOf, type FlatType } from "../lake/columnTypes.ts";
import { type Column, column, type Table } from "./Table.ts";

const MOMENT = "timestamp with time zone";
const sqlType = { integer: "integer", text: "text", texts: "text[]" } as const satisfies Record<
  EventColumn["type"],
  string
>;

/** The first columns of every fact table. The identity of a fact is `event_date`, `match_id`, `tick`, `idx`. */
const factHead = [
  column("event_date", "date"),
  column("match_id", "uuid"),
  column("tick", "bigint"),
  column("idx", "integer"),
  column("at", MOMENT),
];

/** Fields of the event that have no column. */
const extra = column("extra", "jsonb");

export interface FactTable extends Table {
  readonly fields: readonly EventColumn[];
}

/** `logs_move` → `fact_move`. */
function factTable(topic: string, fields: readonly EventColumn[]): FactTable {
  const reserved = new Set([...factHead, extra].map(({ name }) => name));
  const clash = fields.find(({ name }) => reserved.has(name));
  if (clash !== undefined)
    throw new Error(
      `${topic}: the event field ${clash.field} needs a column ${clash.name}, but every fact table already has a column of this name: rename the field`,
    );
  return {
    name: `fact_${topic.replace(/^logs_/, "")}`,
    columns: [...factHead, ...fields.map((field) => column(field.name, sqlType[field.type], field.default)), extra],
    key: ["event_date", "match_id", "tick", "idx"],
    partitionedByDay: true,
    fields,
  };
}

/** The first columns of a table whose rows are the messages of one of the platform's topics. */
const messageHead = [column("event_date", "date"), column("id", "uuid"), column("at", MOMENT)];

const sqlTypeOf = {
  ...{ int32: "integer", int64: "bigint", double: "double precision", boolean: "boolean" },
  ...{ text: "text", texts: "text[]", json: "jsonb", date: "date", timestamp: MOMENT },
} as const satisfies Record<FlatType, Column["type"]>;

export interface MessageTable extends Table {
  /** The fields of the message after `at`, in the order of their columns. */
  readonly fields: readonly string[];
  /** The fields of the message that this build knows. Others are stored in `extra`; null if the table has no such column. */
  readonly known: ReadonlySet<string> | null;
}

interface MessageTableOptions {
  /** What the table stores of the message; default: all fields. */
  readonly stored?: z.ZodObject;
  /** The fields of text whose column is a `uuid`. */
  readonly uuids?: readonly string[];
  /** Whether fields are stored that this build does not know. */
  readonly keepsUnknown?: boolean;
}

function messageTable(
  topic: PlatformTopicName,
  { stored, uuids = [], keepsUnknown = true }: MessageTableOptions = {},
): MessageTable {
  const { schema } = platformTopics[topic];
  const { shape }: z.ZodObject = stored ?? schema;
  const fields = Object.keys(shape).filter((field) => field !== "v" && field !== "at");
  const columns = fields.map((field) => {
    const type = shape[field];
    const initial = type instanceof z.ZodDefault ? type.def.defaultValue : undefined;
    return column(snakeCase(field), uuids.includes(field) ? "uuid" : sqlTypeOf[columnTypeOf(type)], initial);
  });
  return {
    name: topic.replace(/^logs_/, "fact_"),
    columns: [...messageHead, ...columns, ...(keepsUnknown ? [extra] : [])],
    key: ["event_date", "id"],
    partitionedByDay: true,
    fields,
    known: keepsUnknown ? new Set(Object.keys(schema.shape)) : null,
  };
}

/** In `fact_session`. */
const ofSessions = {
  room: true,
  roomId: true,
  matchId: true,
  platform: true,
  connectedAt: true,
  roundTripMs: true,
} as const;
/** Not the name of the operator, and not the texts that operators write, which could also be in a field of a later build. */
const ofActs = { v: true, at: true, role: true, act: true, player: true, room: true } as const;

/** The tables with one row per message, by topic. */
export const messageTables = {
  logs_queue: messageTable("logs_queue"),
  logs_player: messageTable("logs_player", {
    stored: platformTopics.logs_player.schema.omit(ofSessions),
    uuids: ["connection"],
  }),
  logs_rating: messageTable("logs_rating", { uuids: ["matchId"] }),
  logs_admin: messageTable("logs_admin", {
    stored: platformTopics.logs_admin.schema.pick(ofActs),
    keepsUnknown: false,
  }),
} as const satisfies Partial<Record<PlatformTopicName, MessageTable>>;

/** One row per connection of a client to a room, merged from `connected` and `disconnected` in any order. */
export const factSession: Table = {
  name: "fact_session",
  columns: [
    column("event_date", "date"),
    column("connection", "uuid"),
    column("player", "text"),
    column("room", "text"),
    column("room_id", "text"),
    column("match_id", "uuid"),
    column("platform", "text"),
    column("connected_at", MOMENT),
    column("disconnected_at", MOMENT),
    column("reason", "text"),
    column("round_trip_ms", "bigint"),
  ],
  key: ["event_date", "connection"],
  partitionedByDay: true,
};

/** The result of each seat at the end of a match: one row per seat, from `ended`. */
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
  partitionedByDay: true,
};

/** One row per match, merged from `created`, `started` and `ended` in any order. */
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
    column("map", "text"),
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
    extra,
  ],
  key: ["match_id"],
  partitionedByDay: false,
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
  partitionedByDay: false,
};

export interface Tables {
  /** By topic. */
  readonly facts: ReadonlyMap<string, FactTable>;
  /**
   * In the order in which every transaction uses them, also those that change or drop tables: the ones with partitions by name, then the
   * others.
   */
  readonly all: readonly Table[];
}

/** Throws if the name of a game's topic or field is one of the warehouse's own. */
export function tablesOf(catalogue: EventCatalogue): Tables {
  const facts = new Map([...catalogue.facts].map(([topic, fields]) => [topic, factTable(topic, fields)]));
  const all: Table[] = [...Object.values(messageTables), factSession, factParticipation, dimMatch, dimPlayer];
  for (const [topic, table] of facts) {
    if (all.some(({ name }) => name === table.name))
      throw new Error(
        `${topic}: its table would have the name ${table.name}, which the warehouse itself uses: rename the topic`,
      );
    all.push(table);
  }
  const isLater = ({ partitionedByDay }: Table) => Number(!partitionedByDay);
  all.sort((a, b) => isLater(a) - isLater(b) || (a.name < b.name ? -1 : 1));
  return { facts, all };
}
