/**
 * The JSON Schema of each topic's message value, derived from the declarations of events. `docs/events/` contains the committed
 * files; `schemaFiles.ts` compares them with the declarations.
 */
import * as z from "zod";
import { adminMessage } from "../../../schema/adminEvents.ts";
import { playerMessage } from "../../../schema/playerEvents.ts";
import { queueMessage } from "../../../schema/queueEvents.ts";
import { ratingMessage } from "../../../schema/ratingEvents.ts";
import { statsMessage } from "../../../schema/statsEvents.ts";
import { type EventSchemas, eventSchemasOf } from "./eventSchemas.ts";
import type { EventSource } from "./RecordLayout.ts";
import { versionOf } from "./versions.ts";

export type JsonSchema = { readonly [keyword: string]: unknown };

/** Returns the schemas by topic. */
export function messageSchemas(games: readonly EventSource[]): Map<string, JsonSchema> {
  const eventsByTopic = new Map<string, z.ZodObject[]>();
  for (const game of games) {
    for (const [topic, schemas] of eventSchemasOf(game)) {
      eventsByTopic.set(topic, distinct([...(eventsByTopic.get(topic) ?? []), ...listOf(schemas)]));
    }
  }
  const messages = new Map<string, JsonSchema>();
  for (const [topic, events] of eventsByTopic) messages.set(topic, toJsonSchema(topic, tickMessage(topic, events)));
  messages.set("logs_queue", toJsonSchema("logs_queue", queueMessage));
  messages.set("logs_stats", toJsonSchema("logs_stats", statsMessage));
  messages.set("logs_admin", toJsonSchema("logs_admin", adminMessage));
  messages.set("logs_player", toJsonSchema("logs_player", playerMessage));
  messages.set("logs_rating", toJsonSchema("logs_rating", ratingMessage));
  return messages;
}

function listOf(schemas: EventSchemas): z.ZodObject[] {
  return "only" in schemas ? [schemas.only] : [...schemas.byKind.values()];
}

/** Removes duplicates: every game has the platform's events. */
function distinct(events: readonly z.ZodObject[]): z.ZodObject[] {
  return [...new Map(events.map((event) => [JSON.stringify(z.toJSONSchema(event)), event])).values()];
}

function tickMessage(topic: string, events: readonly z.ZodObject[]): z.ZodType {
  return z.looseObject({
    v: z.literal(versionOf(topic)),
    game: z.string(),
    matchId: z.uuidv7(),
    roomId: z.string(),
    mode: z.string(),
    tick: z.int().min(0).max(0xffffffff),
    at: z.int().min(0).describe("Unix ms"),
    events: z.array(events.length === 1 ? events[0] : z.union(events)).min(1),
  });
}

function toJsonSchema(topic: string, message: z.ZodType): JsonSchema {
  return { title: topic, ...z.toJSONSchema(message) };
}
