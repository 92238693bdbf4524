/**
 * Decodes a message of the log into events that match their schemas, or into a rejection with its reason. A message is decoded
 * completely or not at all. Fields that this build does not know are kept. Pure.
 */
import * as z from "zod";
import { isUuidV7 } from "../events/eventDate.ts";
import type { EventSchemas } from "../events/eventSchemas.ts";
import { fillDefaults } from "../events/fillDefaults.ts";
import type { MatchEvent, TickValue } from "../events/messages.ts";
import {
  isPlatformTopic,
  type PlatformTopicName,
  platformTopics,
  versionsOfPlatform,
} from "../events/platformTopics.ts";
import { FutureVersion, toCurrentVersion, UnknownVersion, type Versions } from "../events/versions.ts";
import type { LogMessage } from "../log/EventLog.ts";
import type { EventCatalogue } from "./eventCatalogue.ts";

/** Values of the header `reason` of `logs_rejected`, and of `npm run redrive -- --reason`. */
export const rejectReasons = [
  "empty",
  "not-json",
  "future-version",
  "unknown-game",
  "unknown-topic",
  "unknown-kind",
  "schema",
  "identity",
  "refused",
] as const;
/** `refused`: decoded, but the sink's store does not accept it. */
export type RejectReason = (typeof rejectReasons)[number];

interface DecodedMessage {
  /** As the log delivered it. */
  readonly message: LogMessage;
  /** The header `id`: the identity of the message. */
  readonly id: string;
}

/** A tick of a match in one topic. Its events have passed the schemas of their game. */
export interface DecodedTick extends DecodedMessage {
  readonly type: "tick";
  readonly value: TickValue;
}
type DecodedIn<T extends PlatformTopicName> = DecodedMessage & {
  readonly type: (typeof platformTopics)[T]["type"];
  readonly value: z.output<(typeof platformTopics)[T]["schema"]>;
};
/** A message of one of the platform's topics, by its topic. */
export type DecodedEvent = { [T in PlatformTopicName]: DecodedIn<T> }[PlatformTopicName];
export type DecodedPlayer = DecodedIn<"logs_player">;
export interface Rejected {
  readonly type: "rejected";
  readonly message: LogMessage;
  readonly reason: RejectReason;
  /** One line of text. Contains no values of the message, because they may be private. */
  readonly detail: string;
}
export type Decoded = DecodedTick | DecodedEvent | Rejected;

const DETAIL_MAX = 300;

const tickValue = z.looseObject({
  v: z.int(),
  game: z.string(),
  matchId: z.string().refine(isUuidV7, "not a UUIDv7"),
  roomId: z.string(),
  mode: z.string(),
  tick: z.int().min(0).max(0xffffffff),
  at: z.int().min(0).max(8.64e15),
  // Each event is checked by its own schema.
  events: z.array(z.unknown()).min(1),
});

export function decodeMessage(message: LogMessage, catalogue: EventCatalogue): Decoded {
  const parsed = parse(message);
  if ("reason" in parsed) return parsed;
  const { value } = parsed;
  return isPlatformTopic(message.topic)
    ? decodeEvent(message, message.topic, value)
    : decodeTick(message, value, catalogue);
}

function reject(message: LogMessage, reason: RejectReason, detail: string): Rejected {
  return { type: "rejected", message, reason, detail: detail.replace(/\s+/g, " ").slice(0, DETAIL_MAX) };
}

function parse(message: LogMessage): { value: object } | Rejected {
  if (message.value === null || message.value.length === 0) return reject(message, "empty", "the message has no value");
  try {
    const value: unknown = JSON.parse(message.value.toString("utf8"));
    if (typeof value === "object" && value !== null && !hasNul(message.value)) return { value };
    return reject(message, "schema", "expected an object without NUL characters");
  } catch {
    return reject(message, "not-json", `expected JSON: could not parse ${message.value.length} bytes`);
  }
}

interface Unreadable {
  readonly reason: RejectReason;
  readonly detail: string;
}

/** Older versions are converted here and nowhere else. */
function inCurrentVersion(topic: string, value: object, versions: Versions): { value: object } | Unreadable {
  try {
    return { value: toCurrentVersion(topic, value, versions) };
  } catch (error) {
    if (error instanceof FutureVersion) return { reason: "future-version", detail: error.message };
    if (error instanceof UnknownVersion) return { reason: "schema", detail: error.message };
    // The value claims an old version, but does not have its shape.
    return { reason: "schema", detail: `${topic}: cannot convert the value to the current version` };
  }
}

/** JSON allows \u0000 in strings; PostgreSQL's `text` does not. No valid id or name contains one. */
function hasNul(bytes: Buffer): boolean {
  return bytes.includes("\\u0000");
}

function decodeTick(message: LogMessage, written: object, catalogue: EventCatalogue): Decoded {
  const { game: writer } = written as { game?: unknown };
  const current = inCurrentVersion(message.topic, written, catalogue.versions(message.topic, String(writer)));
  if ("reason" in current) return reject(message, current.reason, current.detail);
  const head = tickValue.safeParse(current.value);
  if (!head.success) return reject(message, "schema", describeIssues(head.error));
  const { game, matchId, tick } = head.data;
  if (!catalogue.games.has(game)) return reject(message, "unknown-game", "this build does not know the game");
  const schemas = catalogue.schemas(message.topic, game);
  if (schemas === null) return reject(message, "unknown-topic", "the game has no events in this topic");
  const id = `${matchId}:${tick}:${message.topic}`;
  if (message.headers.id !== id) return reject(message, "identity", "expected the header id to be matchId:tick:topic");
  for (const [at, event] of head.data.events.entries()) {
    const wrong = readEvent(event, at, schemas);
    if (wrong !== null) return reject(message, wrong.reason, wrong.detail);
  }
  return { type: "tick", message, id, value: head.data as TickValue };
}

/** Adds the defaults that the event lacks. Returns what is wrong with it, or null. */
function readEvent(event: unknown, at: number, schemas: EventSchemas): Unreadable | null {
  const schema = "only" in schemas ? schemas.only : schemas.byKind.get((event as MatchEvent | null)?.kind ?? "");
  if (schema === undefined)
    return { reason: "unknown-kind", detail: `events.${at}: this build does not know the kind` };
  const checked = schema.safeParse(event);
  if (!checked.success) return { reason: "schema", detail: `events.${at}: ${describeIssues(checked.error)}` };
  fillDefaults(schema, event);
  return null;
}

/**
 * Reads an event that a sink has stored as JSON, perhaps the sink of another build: converts it from version `v` to the current one,
 * and adds the defaults that it lacks. Throws an error without values of the event.
 */
export function readStoredEvent<E>(
  event: object,
  { v, topic, game }: { readonly v: number; readonly topic: string; readonly game: string },
  catalogue: EventCatalogue,
): E {
  const schemas = catalogue.schemas(topic, game);
  if (schemas === null) throw new Error(`this build does not know ${topic} of the game`);
  const current = inCurrentVersion(topic, { v, game, events: [event] }, catalogue.versions(topic, game));
  if ("reason" in current) throw new Error(current.detail);
  const [read] = (current.value as { events: object[] }).events;
  const wrong = readEvent(read, 0, schemas);
  if (wrong !== null) throw new Error(wrong.detail);
  return read as E;
}

function decodeEvent(message: LogMessage, topic: PlatformTopicName, written: object): DecodedEvent | Rejected {
  const current = inCurrentVersion(topic, written, versionsOfPlatform(topic));
  if ("reason" in current) return reject(message, current.reason, current.detail);
  const { type, schema, hasEventId } = platformTopics[topic];
  const parsed = schema.safeParse(current.value);
  if (!parsed.success) return reject(message, "schema", describeIssues(parsed.error));
  const { id = "" } = message.headers;
  if (hasEventId && !isUuidV7(id)) return reject(message, "identity", "expected the header id to be a UUIDv7");
  fillDefaults(schema, current.value);
  return { type, message, id, value: current.value } as DecodedEvent;
}

/** zod's issues name paths and types, not the values that were read. */
function describeIssues(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join(".") || "message"}: ${message}`).join("; ");
}
