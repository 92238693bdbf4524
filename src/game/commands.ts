/**
 * What players send beside their frames: commands, and the options of their join. A game declares the fields of both, with the
 * helpers of `events.ts`. The room checks what a client sends, and records it with the frame in which the world sees it.
 */
import type * as z from "zod";
import type { Written } from "./emit.ts";

/** Fields by name, created by `int`, `name`, `seat` or `optionalSeat`. `int` and `name` may have a `.default(value)`. */
export type ClientFields = Readonly<Record<string, z.ZodType>>;

/** A message that a client sends by `room.send("build", { x: 1, y: 2 })`. */
export interface GameCommand<F extends ClientFields = ClientFields> {
  /** A client writes the id of a player for a `seat()`. The step reads the number of the seat. */
  readonly fields: F;
  /** How many of them each player may send per second, 1 to 20; `COMMANDS_PER_SECOND` if omitted. Others are ignored. */
  readonly perSecond?: number;
}

/** Declared commands by name. */
export type GameCommands = Readonly<Record<string, GameCommand>>;

/** Default of `perSecond`. */
export const COMMANDS_PER_SECOND = 4;
export const COMMANDS_PER_SECOND_MAX = 20;

/** The value of a field as a step reads it. */
export type FieldValue = number | string | null;

/** The fields as a step reads them. Untyped if their names are unknown. */
export type ValuesOf<F extends ClientFields> = string extends keyof F
  ? any
  : { readonly [K in keyof F]: Written<Exclude<z.output<F[K]>, undefined>> };

/** A command as a step reads it: `name` tells which fields `data` has. */
export type CommandOf<C extends GameCommands> = string extends keyof C
  ? { readonly seat: number; readonly name: string; readonly data: any }
  : {
      readonly [N in keyof C & string]: {
        readonly seat: number;
        readonly name: N;
        readonly data: ValuesOf<C[N]["fields"]>;
      };
    }[keyof C & string];
