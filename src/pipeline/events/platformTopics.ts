/**
 * The platform's topics whose messages belong to no tick of a match: one event per message. The decoder, the lake and the JSON
 * Schemas need nothing but an entry here. The two topics of matches are in `eventSchemas.ts`.
 */
import type * as z from "zod";
import { adminMessage } from "../../../schema/adminEvents.ts";
import { playerMessage } from "../../../schema/playerEvents.ts";
import { queueMessage } from "../../../schema/queueEvents.ts";
import { ratingMessage } from "../../../schema/ratingEvents.ts";
import { statsMessage } from "../../../schema/statsEvents.ts";
import type { Versions } from "./versions.ts";

interface PlatformTopic {
  /** `type` of a decoded message. */
  readonly type: string;
  /** The literal `v` of the schema is the version that is written. */
  readonly schema: z.ZodObject<{ v: z.ZodLiteral<number>; at: z.ZodNumber }>;
  /** Whether the header `id` is a UUIDv7 that identifies the event. Otherwise the message is a sample without identity. */
  readonly hasEventId: boolean;
  /** Convert a value of an older version to the next one, by version. */
  readonly readers: Versions["readers"];
}

export const platformTopics = {
  logs_queue: { type: "queue", schema: queueMessage, hasEventId: true, readers: {} },
  logs_stats: { type: "stats", schema: statsMessage, hasEventId: false, readers: {} },
  logs_admin: { type: "admin", schema: adminMessage, hasEventId: true, readers: {} },
  logs_player: { type: "player", schema: playerMessage, hasEventId: true, readers: {} },
  logs_rating: { type: "rating", schema: ratingMessage, hasEventId: true, readers: {} },
} as const satisfies Record<string, PlatformTopic>;

export type PlatformTopicName = keyof typeof platformTopics;

export function isPlatformTopic(topic: string): topic is PlatformTopicName {
  return Object.hasOwn(platformTopics, topic);
}

export function versionsOfPlatform(topic: PlatformTopicName): Versions {
  const { schema, readers }: PlatformTopic = platformTopics[topic];
  return { current: schema.shape.v.value, readers };
}
