/**
 * Owns what the sinks know of events: for each topic and game the schema of an event, and for each topic of facts the
 * columns that its events make. Everything is derived from the zod declarations of the platform and the games; nobody
 * names a game's fields here.
 */
import * as z from "zod";
import { type Packing, packingOf } from "../../game/events.ts";
import { type EventSchemas, eventSchemasOf } from "../events/eventSchemas.ts";
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

  /**
   * Throws where two games give a field of one topic different types, two events of a game share a topic, or a number does not fit
   * 32 bits.
   */
  constructor(games: readonly EventSource[]) {
    this.games = new Set(games.map(({ name }) => name));
    for (const game of games) {
      // They only check: what a sink takes is the event as it came.
      for (const [topic, schemas] of eventSchemasOf(game, z.object))
        this.#schemas.set(`${topic} ${game.name}`, schemas);
    }
    this.facts = factColumns(games);
  }

  /** Null where the game has no such topic. */
  schemas(topic: string, game: string): EventSchemas | null {
    return this.#schemas.get(`${topic} ${game}`) ?? null;
  }
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
