/** What operators may do with the values that games keep about a player, such as give back what a fault has cost. */
import * as z from "zod";
import { timestamp } from "../../schema/restAnswers.ts";
import { checkedJson, PlayerValueError, type PlayerValueFault, VALUE_KEY } from "../game/PlayerValues.ts";
import type { Sql } from "../platform/sql/Sql.ts";
import { deleteValue, lockOwners, readValues, writeValue } from "../players/database/playerValues.ts";
import type { OperatorLog } from "./operators/OperatorLog.ts";
import { reason } from "./operators/reasonOfAct.ts";
import { playerId } from "./parameterSchemas.ts";
import { Problem, type ProblemCode } from "./problems.ts";
import { type RouteSpec, route } from "./Route.ts";

interface OperatorValuesOptions {
  readonly sql: Sql;
  readonly log: OperatorLog;
  /** Names of the games. */
  readonly games: readonly string[];
}

const PROBLEMS: Readonly<Record<PlayerValueFault, ProblemCode>> = {
  VALUE_KEY_INVALID: "INPUT_INVALID",
  VALUE_INVALID: "INPUT_INVALID",
  VALUE_TOO_LARGE: "INPUT_INVALID",
  TOO_MANY_VALUES: "GAME_CONFLICT",
  VALUE_OWNER_UNKNOWN: "PLAYER_UNKNOWN",
};

/** The log of acts names the value, but does not contain it: the log outlives the person's data. */
const common = { tag: "admin", access: "operator", limit: "operator" } as const;

export function operatorValueRoutes({ sql, log, games }: OperatorValuesOptions): RouteSpec[] {
  const path = "/admin/players/:id/values/:game/:key";
  const params = z.object({
    id: playerId,
    game: z.enum(games as [string, ...string[]]),
    key: z.string().regex(VALUE_KEY),
  });
  const version = z.int().min(1);
  return [
    route({
      ...common,
      ...{ role: "moderate", method: "GET", path: "/admin/players/:id/values" },
      summary: "Read what games keep about a player",
      params: z.object({ id: playerId }),
      responses: {
        200: {
          description: "The values",
          schema: z.object({
            values: z.array(
              z.object({ game: z.string(), key: z.string(), value: z.unknown(), version, updatedAt: timestamp }),
            ),
          }),
        },
      },
      handle: async ({ params: { id } }) => ({ status: 200, body: { values: await readValues(sql, id) } }),
    }),
    route({
      ...common,
      ...{ role: "administer", method: "PUT", path, params },
      summary: "Write a value that a game keeps about a player",
      body: z.strictObject({
        value: z.unknown(),
        version: z
          .int()
          .min(0)
          .optional()
          .meta({ description: "Only if the value has it now; 0: only if there is none" }),
        reason,
      }),
      responses: { 200: { description: "The value is written", schema: z.object({ version }) } },
      problems: ["PLAYER_UNKNOWN", "GAME_CONFLICT"],
      async handle({ params: { id, game, key }, body, operator }) {
        let written: number | null = null;
        try {
          const json = checkedJson(key, body.value);
          const act = { act: "set_value", player: id, detail: `${game} ${key}`, reason: body.reason } as const;
          await log.record(operator, act, async (tx) => {
            if (!(await lockOwners(tx, [id])).has(id)) throw new Problem("PLAYER_UNKNOWN");
            written = await writeValue(tx, { player: id, game, key }, json, body.version);
            if (written === null)
              throw new Problem("GAME_CONFLICT", "The value has another version now. Read it again.");
          });
        } catch (error) {
          if (error instanceof PlayerValueError) throw new Problem(PROBLEMS[error.fault], error.message);
          throw error;
        }
        return { status: 200, body: { version: written! } };
      },
    }),
    route({
      ...common,
      ...{ role: "administer", method: "DELETE", path, params },
      summary: "Delete a value that a game keeps about a player",
      body: z.strictObject({ reason }),
      responses: { 204: { description: "The value is deleted" } },
      problems: ["GAME_MISSING"],
      async handle({ params: { id, game, key }, body, operator }) {
        const act = { act: "delete_value", player: id, detail: `${game} ${key}`, reason: body.reason } as const;
        await log.record(operator, act, async (tx) => {
          if (!(await deleteValue(tx, { player: id, game, key })))
            throw new Problem("GAME_MISSING", "The player has no such value.");
        });
        return { status: 204 };
      },
    }),
  ];
}
