/** Schemas of parameters that several routes accept. */
import * as z from "zod";

/** A whole number in a query or path. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .meta({ override: { type: "integer", minimum: min, maximum: max, pattern: undefined } });

/** A player id. */
export const playerId = z.string().regex(/^[A-Za-z0-9:._-]{1,64}$/);
export const matchId = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
export const modeSchema = (modes: readonly string[]) => z.enum(modes as [string, ...string[]]);
