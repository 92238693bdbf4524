/** Schemas of parameters that several routes accept. */
import * as z from "zod";
import type { Ladder } from "../players/rating/Ladder.ts";
import { Problem } from "./problems.ts";

/** A game of the installation, as the routes know it. */
export interface ListedGame {
  readonly name: string;
  readonly modes: readonly string[];
  readonly roleCount: number;
  /** Its own join options, by name. */
  readonly joinOptions?: Readonly<Record<string, z.ZodType>>;
}

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

/** `games` are all games of the installation. A request that names none means the first one. */
export const gameSchema = (games: readonly ListedGame[]) =>
  z
    .enum(games.map(({ name }) => name) as [string, ...string[]])
    .default(games[0].name)
    .meta({ description: "Default: the first game of the installation" });

/** The modes of all games. `requireMode` checks a mode against the game of the request. */
export const modeSchema = (games: readonly ListedGame[]) =>
  z.enum([...new Set(games.flatMap(({ modes }) => modes))] as [string, ...string[]]);

/** The join options of all games, as the document describes them. The queue checks them against the game of the request. */
export function describedOptions(games: readonly ListedGame[]): { readonly [keyword: string]: unknown } {
  const byName = Map.groupBy(
    games.flatMap(({ joinOptions = {} }) => Object.entries(joinOptions)),
    ([name]) => name,
  );
  const fields = [...byName].map(([name, declared]) => {
    const [first, ...others] = declared.map(([, field]) => field);
    return [name, (others.length === 0 ? first : z.union([first, ...others])).optional()] as const;
  });
  const { $schema, ...described } = z.toJSONSchema(z.strictObject(Object.fromEntries(fields)), { io: "input" });
  return { propertyNames: undefined, ...described };
}

/** Throws `INPUT_INVALID` if the game has no such mode. `where` is the part of the request that names both. */
export function requireMode(games: readonly ListedGame[], { game, mode }: Ladder, where: "query" | "body"): void {
  const { modes } = games.find(({ name }) => name === game)!;
  if (modes.includes(mode)) return;
  throw new Problem(
    "INPUT_INVALID",
    `${where}.mode: the game ${game} has no mode ${mode}: expected one of ${modes.join(", ")}`,
  );
}
