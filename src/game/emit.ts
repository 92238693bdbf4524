/** How a game writes facts: `emit.flag({ player, did: "taken", x, y })`, typed from the declarations in `game.events`. Only types. */
import type * as z from "zod";
import type { GameEvent } from "./events.ts";

/** Declared events by name. */
export type GameEvents = Readonly<Record<string, GameEvent>>;

/** A seat number in place of a player's id, a list of them in place of a list of ids; everything else as it is read. */
export type Written<T> = T extends readonly unknown[]
  ? readonly number[]
  : T extends string
    ? string extends T
      ? number
      : T
    : T;

/**
 * The fields of an event as a game writes them. All of them are required, also those that older messages do not have. Players are
 * seat numbers: `seat()` is a number, `optionalSeat()` a number or null, `seats()` an array of different numbers in any order.
 * `name()` is one of its names, and `int()` a whole number in its range.
 */
export type FactOf<E extends GameEvent> = {
  readonly [F in keyof E["fields"]]: Written<Exclude<z.output<E["fields"][F]>, undefined>>;
};

/**
 * One function for each declared event that is not retired. It copies the fact, so that the argument may be reused. Call it only
 * within `step`. A fact that does not fit its declaration throws a `GameFault` and ends the match. Untyped if the names are unknown.
 */
export type Emit<E extends GameEvents> = string extends keyof E
  ? any
  : { readonly [K in keyof E as E[K] extends { readonly retired: true } ? never : K]: (fact: FactOf<E[K]>) => void };
