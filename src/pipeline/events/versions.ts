/**
 * Versions of the messages of a topic. Adding a field keeps the version. A breaking change raises it, and adds a reader that
 * converts a value of the old version.
 */
import type { EventReader, GameEvent } from "../../game/events.ts";

/** Converts a value of one version to the next version. */
type VersionReader = (value: object) => object;

export interface Versions {
  /** The version that this build writes. */
  readonly current: number;
  /** By the version that the reader converts from. */
  readonly readers: Readonly<Record<number, VersionReader>>;
  /** This build does not know the game or the topic, and cannot convert its older messages. */
  readonly isUnknown?: true;
}

/**
 * The topics in which all games write the platform's events. Other topics of the platform are in `platformTopics.ts`, and
 * those of a game in its declarations.
 */
const matchTopics: Readonly<Record<string, Versions>> = {
  logs_match: { current: 1, readers: {} },
  logs_input: { current: 1, readers: {} },
};

/** The versions of a game's messages in the topics of matches, by topic. */
export function versionsOf(events: Readonly<Record<string, GameEvent>>): Map<string, Versions> {
  const topics = new Map(Object.entries(matchTopics));
  for (const { topic, version: current = 1, readers = {} } of Object.values(events)) {
    if (topic === "match") continue;
    const converted = Object.entries(readers).map(([version, read]) => [version, ofEvents(read)] as const);
    topics.set(`logs_${topic}`, { current, readers: Object.fromEntries(converted) });
  }
  return topics;
}

/** A game's reader converts events, the platform's converts the whole value. */
function ofEvents(read: EventReader): VersionReader {
  return (value) => ({ ...value, events: (value as { events: Parameters<EventReader>[0][] }).events.map(read) });
}

/** The message was written by a newer build. */
export class FutureVersion extends Error {
  override readonly name = "FutureVersion";
}

/** The message has no valid version, or an old version for which there is no reader. */
export class UnknownVersion extends Error {
  override readonly name = "UnknownVersion";
}

/**
 * Converts `value` to the current version, and keeps unknown fields. Throws `FutureVersion` or `UnknownVersion`, and what a
 * reader throws if the value does not have the shape of its version.
 */
export function toCurrentVersion(topic: string, value: object, { current, readers, isUnknown }: Versions): object {
  const { v } = value as { v?: unknown };
  if (v === current) return value;
  if (typeof v !== "number" || !Number.isInteger(v) || v < 1) throw new UnknownVersion(`${topic}: no valid version`);
  if (v > current)
    throw new FutureVersion(`${topic}: version ${v} is newer than this build, which reads up to ${current}`);
  if (isUnknown) return value;
  let read = value;
  for (let version = v; version < current; version++) {
    const reader = readers[version];
    if (reader === undefined) throw new UnknownVersion(`${topic}: no reader for version ${version}`);
    read = { ...reader(read), v: version + 1 };
  }
  return read;
}
