import * as z from "zod";
import { timestamp } from "../../schema/restAnswers.ts";
import type { Seasons } from "../players/database/seasons.ts";
import { type RouteSpec, route } from "./Route.ts";

const season = z
  .object({
    id: z.int(),
    name: z.string(),
    startsAt: timestamp,
    endsAt: timestamp.nullable().meta({ description: "Null while the last season is open" }),
    softReset: z.number().meta({
      description: "How far ratings are pulled towards the initial rating at the start: 0 keeps them, 1 resets them",
    }),
  })
  .meta({ id: "Season" });

export function seasonRoutes(seasons: Seasons): RouteSpec[] {
  return [
    route({
      method: "GET",
      path: "/api/v1/seasons",
      summary: "List all seasons, ordered by start time",
      tag: "seasons",
      access: "anyone",
      limit: "read",
      responses: { 200: { description: "The seasons", schema: z.object({ seasons: z.array(season) }) } },
      async handle() {
        return { status: 200, body: { seasons: [...(await seasons.list())] } };
      },
    }),
  ];
}
