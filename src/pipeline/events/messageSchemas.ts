/**
 * The JSON Schema of each topic's message value, derived from the declarations of events: what a consumer must accept. A field
 * that older messages lack is not required, and the schema names its default. `docs/events/` contains the committed files;
 * `schemaFiles.ts` compares them with the declarations.
 */
import * as z from "zod";
import { type EventSchemas, eventSchemasOf } from "./eventSchemas.ts";
import { platformTopics } from "./platformTopics.ts";
import type { EventSource } from "./RecordLayout.ts";
import { versionsOf } from "./versions.ts";

export type JsonSchema = { readonly [keyword: string]: unknown };

/** Returns the schemas by topic. */
export function messageSchemas(games: readonly EventSource[]): Map<string, JsonSchema> {
  const topics = new Map<string, Map<number, z.ZodObject[]>>();
  for (const game of games) {
    const versions = versionsOf(game.events);
    for (const [topic, schemas] of eventSchemasOf(game)) {
      const { current } = versions.get(topic)!;
      const byVersion = topics.get(topic) ?? new Map<number, z.ZodObject[]>();
      topics.set(topic, byVersion.set(current, distinct([...(byVersion.get(current) ?? []), ...listOf(schemas)])));
    }
  }
  const messages = new Map<string, JsonSchema>();
  for (const [topic, byVersion] of topics) messages.set(topic, toJsonSchema(topic, messageOf(byVersion)));
  for (const [topic, { schema }] of Object.entries(platformTopics)) messages.set(topic, toJsonSchema(topic, schema));
  return messages;
}

/** Games that share a topic may write different versions. */
function messageOf(byVersion: ReadonlyMap<number, readonly z.ZodObject[]>): z.ZodType {
  const messages = [...byVersion].sort(([a], [b]) => a - b).map(([version, events]) => tickMessage(version, events));
  return messages.length === 1 ? messages[0] : z.union(messages);
}

function listOf(schemas: EventSchemas): z.ZodObject[] {
  return "only" in schemas ? [schemas.only] : [...schemas.byKind.values()];
}

/** Removes duplicates: every game has the platform's events. */
function distinct(events: readonly z.ZodObject[]): z.ZodObject[] {
  return [...new Map(events.map((event) => [JSON.stringify(z.toJSONSchema(event, { io: "input" })), event])).values()];
}

function tickMessage(version: number, events: readonly z.ZodObject[]): z.ZodType {
  return z.looseObject({
    v: z.literal(version),
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
  return { title: topic, ...z.toJSONSchema(message, { io: "input" }) };
}
