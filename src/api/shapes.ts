/** Owns the shapes that several routes take or answer. Declarations only. */
import * as z from "zod";

/** A whole number written in a query or path. */
export const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .meta({ override: { type: "integer", minimum: min, maximum: max, pattern: undefined } });

/** Ids are visible ASCII of bounded length; anything else cannot be one. */
export const id = z.string().regex(/^[A-Za-z0-9:._-]{1,64}$/);
export const matchId = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
export const time = z
  .date()
  .transform((date) => date.toISOString())
  .pipe(z.iso.datetime())
  .meta({ override: { type: "string", format: "date-time" } });

export const modeOf = (modes: readonly string[]) => z.enum(modes as [string, ...string[]]);

export const participant = z
  .object({
    seat: z.int(),
    playerId: z.string(),
    name: z.string().nullable(),
    bot: z.boolean(),
    team: z.int(),
    role: z.int(),
    place: z.int().meta({ description: "1 is best; equal places are a draw" }),
    score: z.int(),
    kills: z.int(),
    deaths: z.int(),
    left: z.boolean(),
    ratingBefore: z.int().nullable(),
    ratingChange: z.int().nullable(),
  })
  .meta({ id: "Participant" });

export const match = z.object({
  id: z.string(),
  game: z.string(),
  mode: z.string(),
  region: z.string(),
  rulesVersion: z.string(),
  season: z.int(),
  rated: z.boolean(),
  weight: z.number(),
  reason: z.string(),
  lastTick: z.int(),
  teamScores: z.array(z.int()),
  createdAt: time,
  endedAt: time,
});

export const rating = z
  .object({ mode: z.string(), rating: z.int(), games: z.int(), wins: z.int(), losses: z.int(), deviation: z.int() })
  .meta({ id: "Rating" });

export const totals = z.object({ games: z.int(), wins: z.int(), losses: z.int() }).meta({ id: "Totals" });
