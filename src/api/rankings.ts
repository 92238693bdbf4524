import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { LRUCache } from "lru-cache";
import * as z from "zod";
import { type Ranking, ranking } from "../../schema/restAnswers.ts";
import type { Seasons } from "../players/database/seasons.ts";
import type { Board, RankingPage } from "../players/rankings/RankingIndex.ts";
import type { Rankings } from "../players/rankings/Rankings.ts";
import type { Ladder } from "../players/rating/Ladder.ts";
import type { Names } from "./Names.ts";
import { gameSchema, type ListedGame, modeSchema, playerId, requireMode, wholeNumber } from "./parameterSchemas.ts";
import { Problem } from "./problems.ts";
import { type RouteSpec, route } from "./Route.ts";

interface RankingsOptions {
  readonly rankings: Rankings;
  readonly seasons: Seasons;
  readonly names: Names;
  readonly games: readonly ListedGame[];
}

const OFFSET_MAX = 100_000_000;
const RADIUS_MAX = 49;

const responses = {
  200: { description: "A part of the ranking", schema: ranking },
  304: { description: "Nothing has changed since the response with this ETag" },
} as const;

interface Rendered {
  readonly bytes: Buffer;
  readonly etag: string;
}

const CACHED_PAGES_MAX = 1_000;
/** Well below the second for which clients may cache responses anyway. */
const CACHE_MS = 200;

function send(request: IncomingMessage, response: ServerResponse, { bytes, etag }: Rendered) {
  const headers = { etag, "cache-control": "public, max-age=1" };
  const known = request.headers["if-none-match"]?.split(/\s*,\s*/).some((tag) => tag.replace(/^W\//, "") === etag);
  if (known) return { status: 304, headers } as const;
  const more = { "content-type": "application/json; charset=utf-8", "content-length": bytes.length };
  response.writeHead(200, { ...headers, ...more }).end(request.method === "HEAD" ? undefined : bytes);
  return null;
}

const season = wholeNumber(1, 2_147_483_647).optional().meta({ description: "Default: the current season" });

export function rankingRoutes({ rankings, seasons, names, games }: RankingsOptions): RouteSpec[] {
  const ladder = { game: gameSchema(games), mode: modeSchema(games) };
  const pages = new LRUCache<string, Promise<Rendered>>({ max: CACHED_PAGES_MAX, ttl: CACHE_MS });

  async function seasonOf(requested: number | undefined): Promise<number> {
    const list = await seasons.list();
    const found = requested === undefined ? await seasons.current() : list.find((one) => one.id === requested);
    if (!found) throw new Problem("SEASON_UNKNOWN");
    return found.id;
  }

  async function boardOf({ game, mode, season }: Ladder & { readonly season?: number }): Promise<Board> {
    requireMode(games, { game, mode }, "query");
    return { game, mode, seasonId: await seasonOf(season) };
  }

  async function render(board: Board, page: RankingPage): Promise<Rendered> {
    const nameOf = await names.of(page.rows.map(({ playerId }) => playerId));
    const entries = page.rows.map(({ playerId, ...row }, index) => {
      return { rank: page.firstRank + index, playerId, name: nameOf(playerId), ...row };
    });
    const { game, mode, seasonId } = board;
    const body: Ranking = { game, mode, season: seasonId, total: page.total, entries };
    const bytes = Buffer.from(JSON.stringify(body));
    return { bytes, etag: `"${createHash("sha1").update(bytes).digest("base64url")}"` };
  }

  /** Most requests are for the same few pages, so requests at about the same time share one response. */
  function shared(key: string, renderPage: () => Promise<Rendered>): Promise<Rendered> {
    const cached = pages.get(key);
    if (cached !== undefined) return cached;
    const rendering = renderPage();
    pages.set(key, rendering);
    rendering.catch(() => pages.delete(key));
    return rendering;
  }

  return [
    route({
      method: "GET",
      path: "/api/v1/rankings",
      summary: "Get the ranking of a mode",
      tag: "rankings",
      access: "anyone",
      limit: "read",
      query: z.strictObject({
        ...ladder,
        season,
        limit: wholeNumber(1, 100).default(10),
        offset: wholeNumber(0, OFFSET_MAX).default(0),
      }),
      responses,
      problems: ["SEASON_UNKNOWN", "RANKINGS_UNAVAILABLE"],
      async handle({ query, request, response }) {
        const board = await boardOf(query);
        const { offset, limit } = query;
        const rendered = await shared(`${board.seasonId} ${board.game} ${board.mode} ${offset} ${limit}`, async () =>
          render(board, await rankings.page(board, offset, limit)),
        );
        return send(request, response, rendered);
      },
    }),
    route({
      method: "GET",
      path: "/api/v1/rankings/around/:playerId",
      summary: "Get the ranking around a player",
      tag: "rankings",
      access: "anyone",
      limit: "read",
      params: z.object({ playerId }),
      query: z.strictObject({ ...ladder, season, radius: wholeNumber(0, RADIUS_MAX).default(5) }),
      responses,
      problems: ["SEASON_UNKNOWN", "NOT_RANKED", "RANKINGS_UNAVAILABLE"],
      async handle({ params, query, request, response }) {
        const board = await boardOf(query);
        const page = await rankings.around(board, params.playerId, query.radius);
        if (page === null) throw new Problem("NOT_RANKED");
        return send(request, response, await render(board, page));
      },
    }),
  ];
}
