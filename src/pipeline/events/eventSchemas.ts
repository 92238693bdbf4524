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

/** By topic, `logs_match` and `logs_input` first. Throws where two events of a game share another topic. */
export function eventSchemasOf(game: EventSource): Map<string, EventSchemas> {
  const matchKinds = kindsOf(matchEvents);
  const inputKinds = kindsOf(inputEvents);
  inputKinds.set("frame", frameSchema(game));
  const topics = new Map<string, EventSchemas>([
    ["logs_match", { byKind: matchKinds }],
    ["logs_input", { byKind: inputKinds }],
  ]);
  for (const [name, event] of Object.entries(game.events)) {
    const topic = `logs_${event.topic}`;
    if (event.topic === "match") {
      matchKinds.set(name, z.looseObject({ i: index, kind: z.literal(name), ...event.fields }));
    } else if (topics.has(topic)) {
      throw new Error(`${game.name}: event ${name} shares the topic ${topic} with another event`);
    } else {
      topics.set(topic, { only: z.looseObject({ i: index, ...event.fields }) });
    }
  }
  return topics;
}

/** Fields that a build does not know are kept: a newer one may have added them. */
function kindsOf(events: Readonly<Record<string, z.ZodObject>>): Map<string, z.ZodObject> {
  return new Map(Object.entries(events).map(([kind, schema]) => [kind, z.looseObject({ i: index, ...schema.shape })]));
}

function frameSchema({ inputFields }: EventSource): z.ZodObject {
  const fields = inputFields.map(({ name, min, max }) => [name, z.int().min(min).max(max)] as const);
  return z.looseObject({
    i: index,
    kind: z.literal("frame"),
    seat: z.int().min(0).max(254),
    ...Object.fromEntries(fields),
    /** Age, in ticks, of what the player saw; 0 for bots. */
    rewindTicks: z.int().min(0),
  });
}
