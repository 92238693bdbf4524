/**
 * The events that the sinks know: the schema of each event by topic and game, and the columns of each topic of facts. Everything
 * is derived from the zod declarations of the platform and the games, so no sink names the fields of a game.
 */
import * as z from "zod";
import { type Packing, packingOf } from "../../game/events.ts";
import { type EventSchemas, eventSchemasOf } from "../events/eventSchemas.ts";
import type { EventSource } from "../events/RecordLayout.ts";

export interface EventColumn {
  /** Name in the event: `targetHp`. */
  readonly field: string;
  /** Name in a table: `target_hp`. */
  readonly name: string;
  readonly type: "integer" | "text" | "texts";
}

// The platform's own topics.
export const MATCH_TOPIC = "logs_match";
export const INPUT_TOPIC = "logs_input";
export const QUEUE_TOPIC = "logs_queue";
export const STATS_TOPIC = "logs_stats";
export const ADMIN_TOPIC = "logs_admin";
export const PLAYER_TOPIC = "logs_player";
export const RATING_TOPIC = "logs_rating";

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
  /** The columns of each topic of facts (`logs_move` and so on), for all games together. */
  readonly facts: ReadonlyMap<string, readonly EventColumn[]>;
  readonly #schemas = new Map<string, EventSchemas>();

  /**
   * Throws if two games declare a field of one topic with different types, if two events of a game share a topic, or if a number
   * does not fit a signed 32-bit integer.
   */
  constructor(games: readonly EventSource[]) {
    this.games = new Set(games.map(({ name }) => name));
    for (const game of games) {
      // `z.object` only checks: a sink stores the event as the log delivered it, with unknown fields.
      for (const [topic, schemas] of eventSchemasOf(game, z.object))
        this.#schemas.set(`${topic} ${game.name}`, schemas);
    }
    this.facts = factColumns(games);
  }

  /** Null if the game has no such topic. */
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
          throw new Error(
            `${topic}: field ${field} of game ${game.name} does not fit a signed 32-bit integer: reduce its range`,
          );
        const column = { field, name: snakeCase(field), type: typeOf[packing.as] };
        const other = columns.get(field);
        if (other !== undefined && other.type !== column.type)
          throw new Error(
            `${topic}: game ${game.name} declares ${field} as ${column.type}, another game declares ${field} as ${other.type}: rename the field in one game`,
          );
        columns.set(field, column);
      }
    }
  }
  return new Map([...topics].map(([topic, columns]) => [topic, [...columns.values()]]));
}
