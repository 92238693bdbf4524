/** What operators did. Rows are only added. */
import { and, desc, eq, lt } from "drizzle-orm";
import type { AdminMessage } from "../../../schema/adminEvents.ts";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { operatorActs } from "./schema.ts";

export type OperatorActRow = typeof operatorActs.$inferSelect;

/** `id`: a UUIDv7. */
export async function insertOperatorAct(tx: SqlRunner, id: string, message: AdminMessage): Promise<void> {
  const { operator, role, act, player, room, detail, reason } = message;
  await tx.orm
    .insert(operatorActs)
    .values({ ...{ id, operator, role, act, player, room, detail, reason }, at: new Date(message.at) });
}

/** The newest first. `before`: the id of an act; only older ones are returned. `player`: only acts on this player. */
export async function readOperatorActs(
  sql: SqlRunner,
  { limit, before, player }: { limit: number; before?: string; player?: string },
): Promise<OperatorActRow[]> {
  return sql.orm
    .select()
    .from(operatorActs)
    .where(
      and(
        before === undefined ? undefined : lt(operatorActs.id, before),
        player === undefined ? undefined : eq(operatorActs.player, player),
      ),
    )
    .orderBy(desc(operatorActs.id))
    .limit(limit);
}
