import * as z from "zod";
import { type match, type matchHistoryEntry, matchHistoryPage, profile } from "../../schema/restAnswers.ts";
import type { Sql } from "../platform/sql/Sql.ts";
import { type PlayerMatchRow, readPlayerMatches } from "../players/database/matches.ts";
import { findPlayer, type Player } from "../players/database/players.ts";
import { currentRating, readRatings } from "../players/database/ratings.ts";
import type { Seasons } from "../players/database/seasons.ts";
import { type AlgorithmOf, isProvisional } from "../players/rating/Rating.ts";
import { gameSchema, type ListedGame, modeSchema, playerId, requireMode, wholeNumber } from "./parameterSchemas.ts";
import { Problem } from "./problems.ts";
import { type RouteSpec, route } from "./Route.ts";

export interface PlayersOptions {
  readonly sql: Sql;
  readonly seasons: Seasons;
  readonly algorithmOf: AlgorithmOf;
  readonly games: readonly ListedGame[];
}

export function toMatch(
  row: Pick<PlayerMatchRow, Exclude<keyof z.input<typeof match>, "season"> | "seasonId">,
): z.input<typeof match> {
  const { seasonId, ...rest } = row;
  const { id, game, mode, map, region, rulesVersion, rated, weight, reason, lastTick, teamScores } = rest;
  const { createdAt, endedAt } = rest;
  return {
    ...{ id, game, mode, map, region, rulesVersion, season: seasonId, rated, weight, reason, lastTick },
    ...{ teamScores: [...teamScores], createdAt, endedAt },
  };
}

export function toMatchHistoryEntry(row: PlayerMatchRow): z.input<typeof matchHistoryEntry> {
  const { seat, team, role, place, score, kills, deaths, left, ratingBefore, ratingChange } = row;
  return { match: toMatch(row), seat, team, role, place, score, kills, deaths, left, ratingBefore, ratingChange };
}

/** The public profile of a player who is not deleted, with the ratings and totals of one game. */
export async function readProfile(
  options: PlayersOptions,
  player: Player,
  game: string,
): Promise<z.input<typeof profile>> {
  const { sql, seasons, algorithmOf } = options;
  const [all, season] = await Promise.all([readRatings(sql, player.id), seasons.current()]);
  const rows = all.filter((row) => row.game === game);
  const modes = [...new Set(rows.map(({ mode }) => mode))].sort();
  const ratings = modes.map((mode) => {
    const { logPrecision, ...current } = currentRating(rows, { game, mode }, season);
    const deviation = algorithmOf({ game, mode }).deviation({ games: current.games, logPrecision });
    return { ...current, deviation, provisional: isProvisional(current.games) };
  });
  const sum = (key: "games" | "wins" | "losses") => rows.reduce((total, row) => total + row[key], 0);
  return {
    id: player.id,
    name: player.name,
    kind: player.kind === "account" ? "account" : "anonymous",
    createdAt: player.createdAt,
    ratings,
    totals: { games: sum("games"), wins: sum("wins"), losses: sum("losses") },
  };
}

/** A match id as 22 characters. Clients must treat it as opaque, so the encoding can change. */
const cursor = {
  of: (last: string): string => Buffer.from(last.replaceAll("-", ""), "hex").toString("base64url"),
  read(text: string): string {
    const hex = Buffer.from(text, "base64url").toString("hex");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  },
};

const before = z
  .string()
  .regex(/^[A-Za-z0-9_-]{21}[AQgw]$/, "expected the `next` of a previous response")
  .optional()
  .meta({ description: "`next` of the previous page" });

export function playerRoutes(options: PlayersOptions): RouteSpec[] {
  const { sql, games } = options;
  const game = gameSchema(games);

  async function requirePlayer(playerId: string): Promise<Player> {
    const player = await findPlayer(sql, playerId);
    if (player === null || player.kind === "deleted") throw new Problem("PLAYER_UNKNOWN");
    return player;
  }

  return [
    route({
      method: "GET",
      path: "/api/v1/players/:id",
      summary: "Get the public profile of a player",
      tag: "players",
      access: "anyone",
      limit: "read",
      params: z.object({ id: playerId }),
      query: z.strictObject({ game }),
      responses: { 200: { description: "The profile", schema: profile } },
      problems: ["PLAYER_UNKNOWN"],
      async handle({ params, query }) {
        return { status: 200, body: await readProfile(options, await requirePlayer(params.id), query.game) };
      },
    }),
    route({
      method: "GET",
      path: "/api/v1/players/:id/matches",
      summary: "List the matches of a player, newest first",
      tag: "players",
      access: "anyone",
      limit: "read",
      params: z.object({ id: playerId }),
      query: z.strictObject({
        game,
        mode: modeSchema(games).optional(),
        limit: wholeNumber(1, 100).default(20),
        before,
      }),
      responses: { 200: { description: "A page of matches", schema: matchHistoryPage } },
      problems: ["PLAYER_UNKNOWN"],
      async handle({ params, query }) {
        const { game, mode = null, limit } = query;
        if (mode !== null) requireMode(games, { game, mode }, "query");
        await requirePlayer(params.id);
        const older = query.before === undefined ? null : cursor.read(query.before);
        // One more row than requested shows whether there is another page.
        const rows = await readPlayerMatches(sql, params.id, { game, mode, before: older, limit: limit + 1 });
        const page = rows.slice(0, limit);
        const next = rows.length > limit ? cursor.of(page.at(-1)!.id) : null;
        return { status: 200, body: { matches: page.map(toMatchHistoryEntry), next } };
      },
    }),
  ];
}
