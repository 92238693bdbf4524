/**
 * Describes the words of a game's facts and frames. A layout is stored beside the records of an outbox, so that a later build can
 * expand them without knowing the game. A layout never changes: a changed declaration results in a new layout with a new id.
 */
import { createHash } from "node:crypto";
import { type FieldPacking, packingOf, type Shedding, wordsOfField } from "../../game/events.ts";
import type { Game } from "../../game/Game.ts";
import { type Versions, versionsOf } from "./versions.ts";

export interface FieldLayout extends FieldPacking {
  readonly name: string;
}

export interface EventLayout {
  readonly name: string;
  /** Position in `topics`. */
  readonly topic: number;
  readonly shed: Shedding;
  readonly fields: readonly FieldLayout[];
}

export interface RecordLayout {
  readonly game: string;
  /** Topic names, beginning with `logs_`; the first two are `logs_match` and `logs_input`. */
  readonly topics: readonly string[];
  /** The index is the kind of the fact. */
  readonly events: readonly EventLayout[];
  /** Names of the words of a frame's row. */
  readonly frame: readonly string[];
  /** The version of the messages by topic, without those of version 1; omitted if all have version 1. */
  readonly versions?: Readonly<Record<string, number>>;
}

/** The parts of a game that determine its layout. */
export type EventSource = Pick<Game, "name" | "events" | "inputFields">;

/** Positions in `topics` of the topics that every layout has. */
export const MATCH_TOPIC_INDEX = 0;
export const INPUT_TOPIC_INDEX = 1;

export function layoutOf(game: EventSource): RecordLayout {
  const topics = ["logs_match", "logs_input"];
  const events = Object.entries(game.events).map(([name, event]): EventLayout => {
    const topic = `logs_${event.topic}`;
    if (!topics.includes(topic)) topics.push(topic);
    const fields = Object.entries(event.fields).map(([field, schema]): FieldLayout => {
      const packing = packingOf(schema);
      return packing.as === "name"
        ? { name: field, as: packing.as, names: packing.names }
        : { name: field, as: packing.as };
    });
    return { name, topic: topics.indexOf(topic), shed: event.shed, fields };
  });
  const frame = [...game.inputFields.map(({ name }) => name), "rewindTicks"];
  return { game: game.name, topics, events, frame, ...raisedVersions(versionsOf(game.events)) };
}

/** The layout for a record whose match events have the shapes of this build. */
export function withMatchVersions(layout: RecordLayout): RecordLayout {
  const { versions, ...rest } = layout;
  const current = new Map(Object.entries(versions ?? {}).map(([topic, v]) => [topic, { current: v, readers: {} }]));
  for (const [topic, own] of versionsOf({})) current.set(topic, own);
  return { ...rest, ...raisedVersions(current) };
}

function raisedVersions(versions: ReadonlyMap<string, Versions>): Pick<RecordLayout, "versions"> {
  const raised = [...versions].filter(([, { current }]) => current !== 1);
  return raised.length === 0
    ? {}
    : { versions: Object.fromEntries(raised.map(([topic, { current }]) => [topic, current])) };
}

/** 32 bits of the layout's SHA-256; equal layouts have equal ids in every process. */
export function layoutIdOf(layout: RecordLayout): number {
  return createHash("sha256").update(JSON.stringify(layout)).digest().readUInt32BE(0);
}

/** Name of the outbox definition that contains the layout. */
export function layoutName(id: number): string {
  return `layout-${id.toString(16).padStart(8, "0")}`;
}

/** A field of a fact, and where it is: its first word is `word + groups * wordsOfGroup(seats)`. */
export interface PlacedField extends FieldLayout {
  readonly word: number;
  readonly groups: number;
}

/** The fields of a fact in the order of its words. */
export function placeFields({ fields }: EventLayout): PlacedField[] {
  let [word, groups] = [0, 0];
  return fields.map((field) => {
    const placed = { ...field, word, groups };
    if (field.as === "seats") groups++;
    else word++;
    return placed;
  });
}

/** Number of words of a field that is a group of seats. */
export function wordsOfGroup(seats: number): number {
  return Math.ceil(seats / 32);
}

/** Number of words of this event in a match with `seats` seats, without the kind. */
export function wordsIn(event: EventLayout, seats: number): number {
  let words = 0;
  for (const field of event.fields) words += wordsOfField(field, seats);
  return words;
}
