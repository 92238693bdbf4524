/**
 * Decodes a message of the log into events that match their schemas, or into a rejection with its reason. A message is decoded
 * completely or not at all. Fields that this build does not know are kept. Pure.
 */
import * as z from "zod";
import { type AdminMessage, adminMessage } from "../../../schema/adminEvents.ts";
import { type PlayerMessage, playerMessage } from "../../../schema/playerEvents.ts";
import { type QueueMessage, queueMessage } from "../../../schema/queueEvents.ts";
import { type RatingMessage, ratingMessage } from "../../../schema/ratingEvents.ts";
import { type StatsMessage, statsMessage } from "../../../schema/statsEvents.ts";
import { isUuidV7 } from "../events/eventDate.ts";
import type { EventSchemas } from "../events/eventSchemas.ts";
import type { MatchEvent, TickValue } from "../events/messages.ts";
import { FutureVersion, toCurrentVersion, UnknownVersion } from "../events/versions.ts";
import type { LogMessage } from "../log/EventLog.ts";
import {
  ADMIN_TOPIC,
  type EventCatalogue,
  PLAYER_TOPIC,
  QUEUE_TOPIC,
  RATING_TOPIC,
  STATS_TOPIC,
} from "./eventCatalogue.ts";

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
export interface DecodedQueue extends DecodedMessage {
  readonly type: "queue";
  readonly value: QueueMessage;
}
export interface DecodedStats extends DecodedMessage {
  readonly type: "stats";
  readonly value: StatsMessage;
}
export interface DecodedAdmin extends DecodedMessage {
  readonly type: "admin";
  readonly value: AdminMessage;
}
export interface DecodedPlayer extends DecodedMessage {
  readonly type: "player";
  readonly value: PlayerMessage;
}
export interface DecodedRating extends DecodedMessage {
  readonly type: "rating";
  readonly value: RatingMessage;
}
export interface Rejected {
  readonly type: "rejected";
  readonly message: LogMessage;
  readonly reason: RejectReason;
  /** One line of text. Contains no values of the message, because they may be private. */
  readonly detail: string;
}
export type Decoded =
  | DecodedTick
  | DecodedQueue
  | DecodedStats
  | DecodedAdmin
  | DecodedPlayer
  | DecodedRating
  | Rejected;

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
  if (message.topic === QUEUE_TOPIC) return decodeQueue(message, value);
  if (message.topic === STATS_TOPIC) return decodeStats(message, value);
  if (message.topic === ADMIN_TOPIC) return decodeAdmin(message, value);
  if (message.topic === PLAYER_TOPIC) return decodePlayer(message, value);
  if (message.topic === RATING_TOPIC) return decodeRating(message, value);
  return decodeTick(message, value, catalogue);
}

function reject(message: LogMessage, reason: RejectReason, detail: string): Rejected {
  return { type: "rejected", message, reason, detail: detail.replace(/\s+/g, " ").slice(0, DETAIL_MAX) };
}

function parse(message: LogMessage): { value: object } | Rejected {
  if (message.value === null || message.value.length === 0) return reject(message, "empty", "the message has no value");
  try {
    const value: unknown = JSON.parse(message.value.toString("utf8"));
    if (typeof value === "object" && value !== null && !hasNul(message.value)) return inCurrentVersion(message, value);
    return reject(message, "schema", "expected an object without NUL characters");
  } catch {
    return reject(message, "not-json", `expected JSON: could not parse ${message.value.length} bytes`);
  }
}

function inCurrentVersion(message: LogMessage, value: object): { value: object } | Rejected {
  try {
    return { value: toCurrentVersion(message.topic, value) };
  } catch (error) {
    if (error instanceof FutureVersion) return reject(message, "future-version", error.message);
    if (error instanceof UnknownVersion) return reject(message, "schema", error.message);
    // The value claims an old version, but does not have its shape.
    return reject(message, "schema", `${message.topic}: cannot convert the value to the current version`);
  }
}

/** JSON allows \u0000 in strings; PostgreSQL's `text` does not. No valid id or name contains one. */
function hasNul(bytes: Buffer): boolean {
  return bytes.includes("\\u0000");
}

function decodeTick(message: LogMessage, value: object, catalogue: EventCatalogue): Decoded {
  const head = tickValue.safeParse(value);
  if (!head.success) return reject(message, "schema", describeIssues(head.error));
  const { game, matchId, tick } = head.data;
  if (!catalogue.games.has(game)) return reject(message, "unknown-game", "this build does not know the game");
  const schemas = catalogue.schemas(message.topic, game);
  if (schemas === null) return reject(message, "unknown-topic", "the game has no events in this topic");
  const id = `${matchId}:${tick}:${message.topic}`;
  if (message.headers.id !== id) return reject(message, "identity", "expected the header id to be matchId:tick:topic");
  for (const [at, event] of head.data.events.entries()) {
    const wrong = checkEvent(event, at, schemas);
    if (wrong !== null) return reject(message, ...wrong);
  }
  return { type: "tick", message, id, value: head.data as TickValue };
}

function checkEvent(event: unknown, at: number, schemas: EventSchemas): [RejectReason, string] | null {
  const schema = "only" in schemas ? schemas.only : schemas.byKind.get((event as MatchEvent | null)?.kind ?? "");
  if (schema === undefined) return ["unknown-kind", `events.${at}: this build does not know the kind`];
  const checked = schema.safeParse(event);
  return checked.success ? null : ["schema", `events.${at}: ${describeIssues(checked.error)}`];
}

function decodeQueue(message: LogMessage, value: object): Decoded {
  const parsed = queueMessage.safeParse(value);
  if (!parsed.success) return reject(message, "schema", describeIssues(parsed.error));
  const { id = "" } = message.headers;
  if (!isUuidV7(id)) return reject(message, "identity", "expected the header id to be a UUIDv7");
  return { type: "queue", message, id, value: parsed.data };
}

function decodeStats(message: LogMessage, value: object): Decoded {
  const parsed = statsMessage.safeParse(value);
  if (!parsed.success) return reject(message, "schema", describeIssues(parsed.error));
  return { type: "stats", message, id: message.headers.id ?? "", value: parsed.data };
}

function decodeAdmin(message: LogMessage, value: object): Decoded {
  const parsed = adminMessage.safeParse(value);
  if (!parsed.success) return reject(message, "schema", describeIssues(parsed.error));
  const { id = "" } = message.headers;
  if (!isUuidV7(id)) return reject(message, "identity", "expected the header id to be a UUIDv7");
  return { type: "admin", message, id, value: parsed.data };
}

function decodePlayer(message: LogMessage, value: object): Decoded {
  const parsed = playerMessage.safeParse(value);
  if (!parsed.success) return reject(message, "schema", describeIssues(parsed.error));
  const { id = "" } = message.headers;
  if (!isUuidV7(id)) return reject(message, "identity", "expected the header id to be a UUIDv7");
  return { type: "player", message, id, value: parsed.data };
}

function decodeRating(message: LogMessage, value: object): Decoded {
  const parsed = ratingMessage.safeParse(value);
  if (!parsed.success) return reject(message, "schema", describeIssues(parsed.error));
  const { id = "" } = message.headers;
  if (!isUuidV7(id)) return reject(message, "identity", "expected the header id to be a UUIDv7");
  return { type: "rating", message, id, value: parsed.data };
}

/** zod's issues name paths and types, not the values that were read. */
function describeIssues(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join(".") || "message"}: ${message}`).join("; ");
}
