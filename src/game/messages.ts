/**
 * Messages between players that are not part of the simulation, such as chat and emotes: a step never sees them, and they are not
 * recorded. A game declares them, the room checks and limits them, and the studio's server code may moderate them (`Moderate`).
 */
import * as z from "zod";
import { type Packing, packingOf } from "./events.ts";
import type { PlayerValues } from "./PlayerValues.ts";

/** A message that a client sends by `room.send("chat", { text })`, and that clients receive as `{ seat, player, text }`. */
export interface GameMessage {
  /** By name, created by `text`, `int` or `name`. All of them are required. */
  readonly fields: Readonly<Record<string, z.ZodType>>;
  /** All clients of the match, spectators included, or the players of the sender's team. The sender receives it, too. */
  readonly to: "all" | "team";
  /** How many of them a player may send per second in the long run, 1 to 20. Default 1. */
  readonly perSecond?: number;
  /** How many of them a player may send at once after a pause, 1 to 50. Default 5. */
  readonly burst?: number;
}

/** Declared messages by name. */
export type GameMessages = Readonly<Record<string, GameMessage>>;

export const MESSAGES_PER_SECOND = 1;
export const MESSAGES_PER_SECOND_MAX = 20;
export const MESSAGE_BURST = 5;
export const MESSAGE_BURST_MAX = 50;
/** In characters, for all texts of a message together: a room closes connections that send more than 4 KiB at once. */
export const TEXT_LENGTH_MAX = 800;

/** The greatest length of each text. Not a registry of zod, in which `text(9).min(2)` would be the same text. */
const texts = new WeakMap<z.ZodType, number>();

/**
 * A text of 1 to `max` characters (code points, after normalisation to NFC), at most 800, for `messages` only. Spaces at both ends are
 * removed. A text without a visible character, with control characters, line breaks, or characters that change the direction of writing
 * is refused. It is plain text: a page must not show it as HTML. Throws if `max` is not in the range.
 */
export function text(max: number): z.ZodString {
  if (!Number.isInteger(max) || max < 1 || max > TEXT_LENGTH_MAX)
    throw new Error(`invalid length text(${max}): expected a whole number from 1 to ${TEXT_LENGTH_MAX}`);
  const schema = z.string();
  texts.set(schema, max);
  return schema;
}

/** How the value of a field is checked. */
export type MessagePacking = Extract<Packing, { as: "int" | "name" }> | { readonly as: "text"; readonly max: number };

/** Null if the field was not created by `text`, `int` or `name`. */
export function messagePackingOf(schema: unknown): MessagePacking | null {
  if (!(schema instanceof z.ZodType) || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) return null;
  const max = texts.get(schema);
  if (max !== undefined) return { as: "text", max };
  try {
    const packing = packingOf(schema);
    return packing.as === "int" || packing.as === "name" ? packing : null;
  } catch {
    return null;
  }
}

/** The values of a message, checked. */
export type MessageFields = Readonly<Record<string, number | string>>;

/** A message that a player has sent, as `moderate` receives it. */
export interface PlayerMessage {
  /** As declared in `messages`, such as `chat`. */
  readonly name: string;
  readonly fields: MessageFields;
  readonly to: GameMessage["to"];
}

export interface ModerateTools {
  /** Id of the sender. */
  readonly player: string;
  readonly seat: number;
  readonly team: number;
  readonly matchId: string;
  readonly mode: string;
  /** The values of this game about any player, such as how long one is muted. */
  readonly store: PlayerValues;
  /** Aborted when the time is over, for requests to other services. */
  readonly signal: AbortSignal;
}

/**
 * `send`: these fields are sent, the same or changed ones; they must fit the declaration. `refuse`: nobody receives the message, and the
 * sender is given this reason, of at most 200 characters.
 */
export type Verdict = { readonly send: MessageFields } | { readonly refuse: string };

/**
 * Judges each message of the game's players before anyone receives it, in the processes with the role `game`. If it throws, rejects,
 * returns no verdict, or has not answered within 3 s, the message is dropped.
 */
export type Moderate = (message: PlayerMessage, tools: ModerateTools) => Verdict | Promise<Verdict>;

/** What a room asks. Never rejects; null if the hook failed, which has then been logged. */
export type Moderator = (
  message: PlayerMessage,
  sender: Omit<ModerateTools, "store" | "signal">,
) => Promise<Verdict | null>;
