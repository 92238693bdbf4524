/**
 * Owns what the sinks know of events: for each topic and game the schema of an event, and for each topic of facts the
 * columns that its events make. Everything is derived from the zod declarations of the platform and the games; nobody
 * names a game's fields here.
 */
import * as z from "zod";
import { inputEvents, matchEvents } from "../../../schema/matchEvents.ts";
import { type Packing, packingOf } from "../../game/events.ts";
import type { EventSource } from "../events/RecordLayout.ts";

export interface EventColumn {
  /** As in the event: `targetHp`. */
  readonly field: string;
  /** As in a table: `target_hp`; `i` would be `idx`. */
  readonly name: string;
  readonly type: "integer" | "text" | "texts";
}

/** Topics whose events are told apart by `kind`. */
export const MATCH_TOPIC = "logs_match";
export const INPUT_TOPIC = "logs_input";
export const QUEUE_TOPIC = "logs_queue";
export const STATS_TOPIC = "logs_stats";

/** Schemas of the events of one topic of one game: by kind, or one for all. They check and change nothing. */
export type EventSchemas = { readonly byKind: ReadonlyMap<string, z.ZodType> } | { readonly only: z.ZodType };

const index = z.int().min(0).max(0x7fffffff);
const typeOf: Record<Packing["as"], EventColumn["type"]> = {
  int: "integer",
  seat: "text",
  seats: "texts",
  name: "text",
};

/** `targetHp` → `target_hp`. */
export function snakeCase(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export class EventCatalogue {
  readonly games: ReadonlySet<string>;
  /** Topics of facts, `logs_move` and the like, and the columns of their events: those of all games together. */
  readonly facts: ReadonlyMap<string, readonly EventColumn[]>;
  readonly #schemas = new Map<string, EventSchemas>();

  /** Throws where two games give a field of one topic different types, or a number does not fit 32 bits. */
  constructor(games: readonly EventSource[]) {
    this.games = new Set(games.map(({ name }) => name));
    for (const game of games) this.#addGame(game);
    this.facts = factColumns(games);
  }

  /** Null where the game has no such topic. */
  schemas(topic: string, game: string): EventSchemas | null {
    return this.#schemas.get(`${topic} ${game}`) ?? null;
  }

  #addGame(game: EventSource): void {
    const matchKinds = new Map<string, z.ZodType>();
    for (const [kind, schema] of Object.entries(matchEvents))
      matchKinds.set(kind, check({ i: index, ...schema.shape }));
    for (const [name, event] of Object.entries(game.events)) {
      const fields = { i: index, ...event.fields };
      if (event.topic === "match") matchKinds.set(name, check({ ...fields, kind: z.literal(name) }));
      else this.#schemas.set(`logs_${event.topic} ${game.name}`, { only: check(fields) });
    }
    const inputKinds = new Map<string, z.ZodType>();
    for (const [kind, schema] of Object.entries(inputEvents))
      inputKinds.set(kind, check({ i: index, ...schema.shape }));
    inputKinds.set("frame", frameSchema(game));
    this.#schemas.set(`${MATCH_TOPIC} ${game.name}`, { byKind: matchKinds });
    this.#schemas.set(`${INPUT_TOPIC} ${game.name}`, { byKind: inputKinds });
  }
}

/** Only checks: fields that are not in the shape are let pass, and what was read is used as it came. */
function check(shape: z.core.$ZodShape): z.ZodType {
  return z.object(shape);
}

function frameSchema({ inputFields }: EventSource): z.ZodType {
  const fields = inputFields.map(({ name, min, max }) => [name, z.int().min(min).max(max)] as const);
  const seat = z.int().min(0).max(254);
  return check({
    i: index,
    kind: z.literal("frame"),
    seat,
    ...Object.fromEntries(fields),
    rewindTicks: z.int().min(0),
  });
}

function factColumns(games: readonly EventSource[]): Map<string, EventColumn[]> {
  const topics = new Map<string, Map<string, EventColumn>>();
  for (const game of games) {
    for (const event of Object.values(game.events)) {
      if (event.topic === "match") continue;
      const topic = `logs_${event.topic}`;
      const columns = topics.get(topic) ?? new Map<string, EventColumn>();
      topics.set(topic, columns);
      for (const [field, schema] of Object.entries(event.fields)) {
        const packing = packingOf(schema);
        if (packing.as === "int" && (packing.min < -0x80000000 || packing.max > 0x7fffffff))
          throw new Error(`${topic}: ${field} of game ${game.name} is wider than 32 bits with a sign`);
        const column = { field, name: snakeCase(field), type: typeOf[packing.as] };
        const other = columns.get(field);
        if (other !== undefined && other.type !== column.type)
          throw new Error(`${topic}: game ${game.name} has ${field} as ${column.type}, another game as ${other.type}`);
        columns.set(field, column);
      }
    }
  }
  return new Map([...topics].map(([topic, columns]) => [topic, [...columns.values()]]));
}
