/** Owns `/rankings`: who is best, and who stands around a player. */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import * as z from "zod";
import type { RankingPage } from "../rankings/RankingIndex.ts";
import type { Rankings } from "../rankings/Rankings.ts";
import type { Seasons } from "../store/seasons.ts";
import type { Names } from "./Names.ts";
import { Problem } from "./problems.ts";
import { type RouteSpec, route } from "./Route.ts";
import { id, modeOf, whole } from "./shapes.ts";

export interface RankingsOptions {
  readonly rankings: Rankings;
  readonly seasons: Seasons;
  readonly names: Names;
  readonly modes: readonly string[];
}

const OFFSET_MAX = 100_000_000;
const RADIUS_MAX = 49;

const entry = z.object({
  rank: z.int().min(1),
  playerId: z.string(),
  name: z.string().nullable(),
  rating: z.int(),
  games: z.int(),
  wins: z.int(),
  losses: z.int(),
});

const ranking = z
  .object({ mode: z.string(), season: z.int(), total: z.int(), entries: z.array(entry) })
  .meta({ id: "Ranking" });

type Ranking = z.input<typeof ranking>;

const answers = {
  200: { description: "A part of the ranking", schema: ranking },
  304: { description: "Nothing has changed since the answer with that ETag" },
} as const;

const season = whole(1, 2_147_483_647).optional().meta({ description: "The present one where left out" });

export function rankingRoutes({ rankings, seasons, names, modes }: RankingsOptions): RouteSpec[] {
  const mode = modeOf(modes);

  async function seasonOf(asked: number | undefined): Promise<number> {
    const list = await seasons.list();
    const found = asked === undefined ? await seasons.current() : list.find((one) => one.id === asked);
    if (!found) throw new Problem("SEASON_UNKNOWN");
    return found.id;
  }

  async function answer(request: IncomingMessage, board: { mode: string; seasonId: number }, page: RankingPage) {
    const nameOf = await names.of(page.rows.map(({ playerId }) => playerId));
    const entries = page.rows.map(({ playerId, rating, games, wins, losses }, index) => {
      return { rank: page.firstRank + index, playerId, name: nameOf(playerId), rating, games, wins, losses };
    });
    const body: Ranking = { mode: board.mode, season: board.seasonId, total: page.total, entries };
    const etag = `"${createHash("sha1").update(JSON.stringify(body)).digest("base64url")}"`;
    const headers = { etag, "cache-control": "public, max-age=1" };
    const known = request.headers["if-none-match"]?.split(/\s*,\s*/).some((tag) => tag.replace(/^W\//, "") === etag);
    return known ? ({ status: 304, headers } as const) : ({ status: 200, headers, body } as const);
  }

  return [
    route({
      method: "GET",
      path: "/api/v1/rankings",
      summary: "The ranking of a mode",
      tag: "rankings",
      access: "anyone",
      limit: "read",
      query: z.strictObject({
        mode,
        season,
        limit: whole(1, 100).default(10),
        offset: whole(0, OFFSET_MAX).default(0),
      }),
      answers,
      problems: ["SEASON_UNKNOWN", "RANKINGS_UNAVAILABLE"],
      async handle({ query, request }) {
        const board = { mode: query.mode, seasonId: await seasonOf(query.season) };
        return answer(request, board, await rankings.page(board, query.offset, query.limit));
      },
    }),
    route({
      method: "GET",
      path: "/api/v1/rankings/around/:playerId",
      summary: "The ranking around a player",
      tag: "rankings",
      access: "anyone",
      limit: "read",
      params: z.object({ playerId: id }),
      query: z.strictObject({ mode, season, radius: whole(0, RADIUS_MAX).default(5) }),
      answers,
      problems: ["SEASON_UNKNOWN", "NOT_RANKED", "RANKINGS_UNAVAILABLE"],
      async handle({ params, query, request }) {
        const board = { mode: query.mode, seasonId: await seasonOf(query.season) };
        const page = await rankings.around(board, params.playerId, query.radius);
        if (page === null) throw new Problem("NOT_RANKED");
        return answer(request, board, page);
      },
    }),
  ];
}
