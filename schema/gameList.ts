/** Body of the response that lists the games of an installation, used by the server and the page. */
import * as z from "zod";

const gameDescription = z
  .object({
    name: z.string().meta({ description: "Also the name of its room type" }),
    modes: z.record(z.string(), z.object({ seats: z.int().min(1) })),
    roles: z.array(z.string()).meta({ description: "A role's number is its position" }),
    maps: z.array(z.string()),
    input: z
      .array(z.object({ name: z.string(), min: z.int(), max: z.int() }))
      .meta({ description: "Fields of a client's frame; values are clamped to the range" }),
    events: z.array(z.string()),
  })
  .meta({ id: "Game" });
export type GameDescription = z.output<typeof gameDescription>;

export const gameList = z.object({
  games: z.array(gameDescription).meta({ description: "The first one is the default of requests that name none" }),
});
