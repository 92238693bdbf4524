/** The games of the installation, as clients of any game need them. */
import { type GameDescription, gameList } from "../../schema/gameList.ts";
import type { Game } from "../game/Game.ts";
import { type RouteSpec, route } from "./Route.ts";

export function describeGame({ name, modes, roles, maps, inputFields, events }: Game): GameDescription {
  return {
    name,
    modes: Object.fromEntries(Object.entries(modes).map(([mode, { teams }]) => [mode, { seats: teams.length }])),
    roles: [...roles],
    maps: [...maps],
    input: inputFields.map(({ name, min, max }) => ({ name, min, max })),
    events: Object.entries(events).flatMap(([event, { retired }]) => (retired ? [] : [event])),
  };
}

export function gameListRoutes(games: readonly GameDescription[]): RouteSpec[] {
  return [
    route({
      method: "GET",
      path: "/api/v1/games",
      summary: "List the games of this installation",
      tag: "games",
      access: "anyone",
      limit: "read",
      responses: { 200: { description: "The games", schema: gameList } },
      async handle() {
        return { status: 200, body: { games: [...games] } };
      },
    }),
  ];
}
