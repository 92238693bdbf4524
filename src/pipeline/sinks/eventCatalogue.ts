/**
 * The events that the sinks know: the schema of each event by topic and game, and the columns of each topic of facts. Everything
 * is derived from the zod declarations of the platform and the games, so no sink names the fields of a game.
 */
import * as z from "zod";
import { type Packing, packingOf } from "../../game/events.ts";
import { type EventSchemas, eventSchemasOf } from "../events/eventSchemas.ts";
import type { EventSource } from "../events/RecordLayout.ts";
import { type Versions, versionsOf } from "../events/versions.ts";

export interface EventColumn {
  /** Name in the event: `targetHp`. */
  readonly field: string;
  /** Name in a table: `target_hp`. */
  readonly name: string;
  readonly type: "integer" | "text" | "texts";
  /** What older messages are read with, if all games of the topic have the field with this default. */
  readonly default?: unknown;
}

// The platform's own topics.
export const MATCH_TOPIC = "logs_match";
export const INPUT_TOPIC = "logs_input";
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
  /** The columns of each topic of facts (`logs_move` and so on), for all games together. */
  readonly facts: ReadonlyMap<string, readonly EventColumn[]>;
  readonly #schemas = new Map<string, EventSchemas>();
  readonly #versions = new Map<string, ReadonlyMap<string, Versions>>();

  /**
   * Throws if two games declare a field of one topic with different types, if two events of a game share a topic, or if a default
   * cannot be read.
   */
  constructor(games: readonly EventSource[]) {
    this.games = new Set(games.map(({ name }) => name));
    for (const game of games) {
      // `z.object` only checks: a sink stores the event as the log delivered it, with unknown fields.
      for (const [topic, schemas] of eventSchemasOf(game, z.object))
        this.#schemas.set(`${topic} ${game.name}`, schemas);
      this.#versions.set(game.name, versionsOf(game.events));
    }
    this.facts = factColumns(games);
  }

  /** Null if the game has no such topic. */
  schemas(topic: string, game: string): EventSchemas | null {
    return this.#schemas.get(`${topic} ${game}`) ?? null;
  }

  /** For an unknown game or topic: the newest version of the topic, and any older one is left as it is. */
  versions(topic: string, game: string): Versions {
    return (
      this.#versions.get(game)?.get(topic) ?? { current: this.#newestVersion(topic), readers: {}, isUnknown: true }
    );
  }

  #newestVersion(topic: string): number {
    return Math.max(1, ...[...this.#versions.values()].map((topics) => topics.get(topic)?.current ?? 1));
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
        const column = {
          field,
          name: snakeCase(field),
          type: typeOf[packing.as],
          ...sharedDefault(games, event.topic, field),
        };
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

function sharedDefault(games: readonly EventSource[], topic: string, field: string): Pick<EventColumn, "default"> {
  const events = games.flatMap((game) => Object.values(game.events).filter((event) => event.topic === topic));
  const defaults = events.map(({ fields }) => {
    const schema: unknown = fields[field];
    return schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined;
  });
  const isShared = defaults.every((value) => JSON.stringify(value) === JSON.stringify(defaults[0]));
  return isShared && defaults[0] !== undefined ? { default: defaults[0] } : {};
}
