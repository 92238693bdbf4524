/**
 * Derives the schemas of events from their only declarations: those of the platform in `schema/`, and those of the game. The
 * checks of messages that are read, the JSON Schemas and the SQL columns are all derived from these schemas.
 *
 * Each declaration is two schemas: what zod calls its output is written, and its input may be read. A field with
 * `.default(value)` is always written, and may be missing in older messages.
 */
import * as z from "zod";
import { inputEvents, matchEvents } from "../../../schema/matchEvents.ts";
import type { GameEvent } from "../../game/events.ts";
import { checkDefaults } from "./fillDefaults.ts";
import { isPlatformTopic } from "./platformTopics.ts";
import type { EventSource } from "./RecordLayout.ts";

/** Events of one topic of one game: distinguished by `kind`, or all of one kind. */
export type EventSchemas = { readonly byKind: ReadonlyMap<string, z.ZodObject> } | { readonly only: z.ZodObject };

/** The `i` of an event, which is stored as a 32-bit integer. */
const index = z.int().min(0).max(0x7fffffff);

type ObjectOf = (shape: Record<string, z.ZodType>) => z.ZodObject;

/**
 * The schemas by topic, `logs_match` and `logs_input` first. Parsing keeps unknown fields, because a newer build may have added
 * them. Throws if two events of a game share any topic other than `logs_match`, if an event has a topic of the platform, or if a
 * default cannot be added on reading.
 *
 * @param objectOf pass `z.object` if the events are only checked: it accepts the same events, and is faster because it copies no
 * unknown fields.
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
      matchKinds.set(name, schemaOf(event, { i: index, kind: z.literal(name) }, objectOf));
    } else if (isPlatformTopic(topic)) {
      throw new Error(`${game.name}: event ${name} has the topic ${topic}, which belongs to the platform`);
    } else if (topics.has(topic)) {
      throw new Error(`${game.name}: event ${name} shares the topic ${topic} with another event`);
    } else {
      topics.set(topic, { only: schemaOf(event, { i: index }, objectOf) });
    }
  }
  return topics;
}

function schemaOf(
  { fields, retired }: Pick<GameEvent, "fields" | "retired">,
  head: Record<string, z.ZodType>,
  objectOf: ObjectOf,
): z.ZodObject {
  const schema = objectOf({ ...head, ...fields });
  checkDefaults(schema);
  return retired === undefined ? schema : schema.meta({ deprecated: true });
}

function kindsOf(events: Readonly<Record<string, z.ZodObject>>, objectOf: ObjectOf): Map<string, z.ZodObject> {
  return new Map(
    Object.entries(events).map(([kind, { shape }]) => [kind, schemaOf({ fields: shape }, { i: index }, objectOf)]),
  );
}

function frameShape({ inputFields }: EventSource): Record<string, z.ZodType> {
  const fields = inputFields.map(({ name, min, max, default: added }) => {
    const field = z.int().min(min).max(max);
    return [name, added === undefined ? field : field.default(added)] as const;
  });
  return {
    i: index,
    kind: z.literal("frame"),
    seat: z.int().min(0).max(254),
    ...Object.fromEntries(fields),
    /** Age, in ticks, of the state that the player saw; 0 for bots. */
    rewindTicks: z.int().min(0),
  };
}
