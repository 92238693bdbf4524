import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as z from "zod";
import { matchResult } from "../../schema/restAnswers.ts";
import type { Sql } from "../platform/sql/Sql.ts";
import { readMatch, readParticipants } from "../players/database/matches.ts";
import type { Names } from "./Names.ts";
import { matchId } from "./parameterSchemas.ts";
import { toMatch } from "./players.ts";
import { Problem } from "./problems.ts";
import { type RouteSpec, route } from "./Route.ts";

/** Provides the recordings of matches. */
export interface Recordings {
  /** The recording of an ended match; `running` while the match runs; null if there is none. */
  open(matchId: string): Promise<{ readonly bytes: number; readonly stream: Readable } | "running" | null>;
}

interface MatchesOptions {
  readonly sql: Sql;
  readonly names: Names;
  readonly recordings: Recordings;
}

export function matchRoutes({ sql, names, recordings }: MatchesOptions): RouteSpec[] {
  return [
    route({
      method: "GET",
      path: "/api/v1/matches/:id",
      summary: "Get the result of a match",
      tag: "matches",
      access: "anyone",
      limit: "read",
      params: z.object({ id: matchId }),
      responses: { 200: { description: "Result and participants with their rating changes", schema: matchResult } },
      problems: ["MATCH_UNKNOWN"],
      async handle({ params }) {
        const [row, rows] = await Promise.all([readMatch(sql, params.id), readParticipants(sql, params.id)]);
        if (row === null) throw new Problem("MATCH_UNKNOWN");
        const nameOf = await names.of(rows.filter(({ bot }) => !bot).map(({ playerId }) => playerId));
        const participants = rows.map((one) => ({ ...one, name: one.bot ? null : nameOf(one.playerId) }));
        return { status: 200, body: { ...toMatch(row), participants } };
      },
    }),
    route({
      method: "GET",
      path: "/api/v1/matches/:id/replay",
      summary: "Download the recording of a match",
      tag: "matches",
      access: "anyone",
      limit: "read",
      params: z.object({ id: matchId }),
      responses: { 200: { description: "The recording", mediaType: "application/octet-stream" } },
      problems: ["RECORDING_UNKNOWN", "MATCH_RUNNING"],
      async handle({ params, response }) {
        const found = await recordings.open(params.id);
        if (found === "running") throw new Problem("MATCH_RUNNING");
        if (found === null) throw new Problem("RECORDING_UNKNOWN");
        response.writeHead(200, {
          "content-type": "application/octet-stream",
          "content-length": found.bytes,
          "cache-control": "public, max-age=31536000, immutable",
        });
        await pipeline(found.stream, response);
        return null;
      },
    }),
  ];
}
