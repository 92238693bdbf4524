/** REST response bodies for players, matches and rankings, used by the server and the page. The types describe the JSON. */
import * as z from "zod";

/** A `Date` in the program, an RFC 3339 string in the JSON. */
export const timestamp = z
  .date()
  .transform((date) => date.toISOString())
  .pipe(z.iso.datetime())
  .meta({ override: { type: "string", format: "date-time" } });

const gameCounts = { games: z.int(), wins: z.int(), losses: z.int() };

const provisional = z
  .boolean()
  .meta({ description: "Whether the rating is still uncertain: the player has fewer than 30 rated games in the mode" });

const rating = z
  .object({ game: z.string(), mode: z.string(), rating: z.int(), ...gameCounts, deviation: z.int(), provisional })
  .meta({ id: "Rating" });

const totals = z.object(gameCounts).meta({ id: "Totals" });

export const profile = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    kind: z.enum(["anonymous", "account"]),
    createdAt: timestamp,
    ratings: z.array(rating).meta({ description: "Of one game, by mode, as the next match would use them" }),
    totals: totals.meta({ description: "Of all rated matches of the game" }),
  })
  .meta({ id: "Profile" });
export type Profile = z.output<typeof profile>;

/** The profile of the signed-in player. */
export const me = profile
  .extend({ bannedUntil: timestamp.nullable(), banReason: z.string().nullable() })
  .meta({ id: "Me" });
export type Me = z.output<typeof me>;

/** The signed-in player, as the sign-in routes return it. */
export const user = z
  .object({ id: z.string(), name: z.string().nullable(), anonymous: z.boolean() })
  .meta({ id: "User" });
export type User = z.output<typeof user>;

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
    ratingBefore: z.int().nullable().meta({ description: "Null for bots, and if the match was not to be rated" }),
    ratingChange: z
      .int()
      .nullable()
      .meta({ description: "Null if the match changed no rating: it was not rated, or too short" }),
  })
  .meta({ id: "Participant" });
export type Participant = z.output<typeof participant>;

export const match = z.object({
  id: z.string(),
  game: z.string(),
  mode: z.string(),
  map: z.string().nullable().meta({ description: "Null for matches of earlier versions" }),
  region: z.string(),
  rulesVersion: z.string(),
  season: z.int(),
  rated: z.boolean(),
  weight: z.number(),
  reason: z.string().meta({ description: "As in the event `ended`: `score`, `time`, …, or one of the game's own" }),
  lastTick: z.int(),
  teamScores: z.array(z.int()),
  createdAt: timestamp,
  endedAt: timestamp,
});

export const matchResult = match.extend({ participants: z.array(participant) }).meta({ id: "Match" });
export type MatchResult = z.output<typeof matchResult>;

/** A match in a player's history. Its public name in the OpenAPI document is `RecordEntry`. */
export const matchHistoryEntry = z
  .object({ match, ...participant.omit({ playerId: true, name: true, bot: true }).shape })
  .meta({ id: "RecordEntry" });
export type MatchHistoryEntry = z.output<typeof matchHistoryEntry>;

export const matchHistoryPage = z.object({
  matches: z.array(matchHistoryEntry),
  next: z.string().nullable().meta({ description: "`before` of the next page; null at the end" }),
});
export type MatchHistoryPage = z.output<typeof matchHistoryPage>;

export const rankingEntry = z.object({
  rank: z.int().min(1),
  playerId: z.string(),
  name: z.string().nullable(),
  rating: z.int(),
  ...gameCounts,
  provisional,
});
export type RankingEntry = z.output<typeof rankingEntry>;

export const ranking = z
  .object({ game: z.string(), mode: z.string(), season: z.int(), total: z.int(), entries: z.array(rankingEntry) })
  .meta({ id: "Ranking" });
export type Ranking = z.output<typeof ranking>;
