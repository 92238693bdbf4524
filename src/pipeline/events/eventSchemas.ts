/**
 * Owns the derivation of event schemas from the one place where events are declared: the platform's in `schema/`, a
 * game's in the game. Everything about an event's shape comes from here: checks on reading, JSON Schema, columns.
 */
import * as z from "zod";
import { inputEvents, matchEvents } from "../../../schema/matchEvents.ts";
import type { EventSource } from "./RecordLayout.ts";

/** Events of one topic of one game: told apart by `kind`, or of one kind only. */
export type EventSchemas = { readonly byKind: ReadonlyMap<string, z.ZodObject> } | { readonly only: z.ZodObject };

/** `i` of an event; stored as a 32-bit integer everywhere. */
const index = z.int().min(0).max(0x7fffffff);

type ObjectOf = (shape: Record<string, z.ZodType>) => z.ZodObject;

/**
 * By topic, `logs_match` and `logs_input` first. Fields that a build does not know are kept when an event is parsed: a newer build may
 * have added them. Throws where two events of a game share another topic.
 *
 * @param objectOf for callers that only check: `z.object` accepts the same events and, as it copies no unknown fields, is faster.
 */
export function eventSchemasOf(game: EventSource, objectOf: ObjectOf = z.looseObject): Map<string, EventSchemas> {
  const matchKinds = kindsOf(matchEvents, objectOf);
  const inputKinds = kindsOf(inputEvents, objectOf);
  inputKinds.set("frame", objectOf(frameShape(game)));
  const topics = new Map<string, EventSchemas>([
    ["logs_match", { byKind: matchKinds }],
    ["logs_input", { byKind: inputKinds }],
  ]);
  for (const [name, event] of Object.entries(game.events)) {
    const topic = `logs_${event.topic}`;
    if (event.topic === "match") {
      matchKinds.set(name, objectOf({ i: index, kind: z.literal(name), ...event.fields }));
    } else if (topics.has(topic)) {
      throw new Error(`${game.name}: event ${name} shares the topic ${topic} with another event`);
    } else {
      topics.set(topic, { only: objectOf({ i: index, ...event.fields }) });
    }
  }
  return topics;
}

function kindsOf(events: Readonly<Record<string, z.ZodObject>>, objectOf: ObjectOf): Map<string, z.ZodObject> {
  return new Map(Object.entries(events).map(([kind, schema]) => [kind, objectOf({ i: index, ...schema.shape })]));
}

function frameShape({ inputFields }: EventSource): Record<string, z.ZodType> {
  const fields = inputFields.map(({ name, min, max }) => [name, z.int().min(min).max(max)] as const);
  return {
    i: index,
    kind: z.literal("frame"),
    seat: z.int().min(0).max(254),
    ...Object.fromEntries(fields),
    /** Age, in ticks, of what the player saw; 0 for bots. */
    rewindTicks: z.int().min(0),
  };
}
