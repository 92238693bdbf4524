/**
 * The rows of what games keep about players. A write locks the row of the player: writes of one player wait for each other, and for a
 * deletion of the player.
 */
import { and, asc, eq, sql as fragment } from "drizzle-orm";
import {
  checkedJson,
  checkKey,
  type JsonValue,
  type PlayerValue,
  PlayerValueError,
  type PlayerValues,
  VALUE_KEYS_MAX,
} from "../../game/PlayerValues.ts";
import type { Sql, SqlRunner } from "../../platform/sql/Sql.ts";
import { ensureAnonymous, isGuestId } from "./players.ts";
import { players, playerValues } from "./schema.ts";

export interface StoredPlayerValue extends PlayerValue {
  readonly game: string;
  readonly key: string;
  readonly updatedAt: Date;
}

/** A value by its key. */
export interface ValueAddress {
  readonly player: string;
  readonly game: string;
  readonly key: string;
}

const at = ({ player, game, key }: ValueAddress) =>
  and(eq(playerValues.playerId, player), eq(playerValues.game, game), eq(playerValues.key, key));

/** The values that `game` keeps. Each write is a transaction of its own. */
export function playerValuesOf(sql: Sql, game: string): PlayerValues {
  return {
    async get(player, key) {
      checkKey(key);
      return readValue(sql, { player, game, key });
    },
    async list(player) {
      const stored = await readValues(sql, player, game);
      return Object.fromEntries(stored.map(({ key, value, version }) => [key, { value, version }]));
    },
    async set(player, key, value, version) {
      const json = checkedJson(key, value);
      return sql.transaction(async (tx) => {
        const owners = await lockOwners(tx, [player]);
        if (!owners.has(player))
          throw new PlayerValueError("VALUE_OWNER_UNKNOWN", "there is no such player, or the player was deleted");
        return writeValue(tx, { player, game, key }, json, version);
      });
    },
    async delete(player, key, version) {
      checkKey(key);
      return deleteValue(sql, { player, game, key }, version);
    },
  };
}

/**
 * Locks the rows of players who may get values, in an order that is the same in every transaction. Adds the row of a guest who has only
 * signed in. Resolves to those that exist and were not deleted.
 */
export async function lockOwners(tx: SqlRunner, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const id of [...new Set(ids)].sort()) {
    if (isGuestId(id)) await ensureAnonymous(tx, id);
    const [owner] = await tx.orm
      .select({ kind: players.kind })
      .from(players)
      .where(eq(players.id, id))
      .for("no key update");
    if (owner !== undefined && owner.kind !== "deleted") found.add(id);
  }
  return found;
}

export async function readValue(sql: SqlRunner, address: ValueAddress): Promise<PlayerValue | null> {
  const { value, version } = playerValues;
  const [found] = await sql.orm.select({ value, version }).from(playerValues).where(at(address));
  return found === undefined ? null : { value: found.value as JsonValue, version: found.version };
}

/** All values of a player, or only those of `game`, in the order of their games and keys. */
export async function readValues(sql: SqlRunner, player: string, game?: string): Promise<StoredPlayerValue[]> {
  const { value, version, updatedAt, key } = playerValues;
  const ofGame = game === undefined ? undefined : eq(playerValues.game, game);
  const rows = await sql.orm
    .select({ game: playerValues.game, key, value, version, updatedAt })
    .from(playerValues)
    .where(and(eq(playerValues.playerId, player), ofGame))
    .orderBy(asc(playerValues.game), asc(key));
  return rows.map((row) => ({ ...row, value: row.value as JsonValue }));
}

/**
 * As `PlayerValues.set`. `tx` must have locked the player by `lockOwners`, and found it. `json`: as `checkedJson` returns it.
 */
export async function writeValue(
  tx: SqlRunner,
  address: ValueAddress,
  json: string,
  expected?: number,
): Promise<number | null> {
  const before = (await readValue(tx, address))?.version ?? 0;
  if (expected !== undefined && expected !== before) return null;
  const value = fragment`${json}::json`;
  if (before > 0) {
    const update = { value, version: before + 1, updatedAt: fragment`now()` };
    await tx.orm.update(playerValues).set(update).where(at(address));
    return before + 1;
  }
  const { player, game, key } = address;
  const ofGame = and(eq(playerValues.playerId, player), eq(playerValues.game, game));
  if ((await tx.orm.$count(playerValues, ofGame)) >= VALUE_KEYS_MAX)
    throw new PlayerValueError(
      "TOO_MANY_VALUES",
      `the player has ${VALUE_KEYS_MAX} values of ${game}, the most that are allowed: delete one`,
    );
  await tx.orm.insert(playerValues).values({ playerId: player, game, key, value, version: 1 });
  return 1;
}

/** As `PlayerValues.delete`. */
export async function deleteValue(sql: SqlRunner, address: ValueAddress, expected?: number): Promise<boolean> {
  const hasVersion = expected === undefined ? undefined : eq(playerValues.version, expected);
  const { rowCount } = await sql.orm.delete(playerValues).where(and(at(address), hasVersion));
  return rowCount === 1;
}
