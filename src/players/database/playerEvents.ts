/** Events of players that belong to a transaction. They are published as `logs_player` once it has been committed. */
import { v7 as uuidv7 } from "uuid";
import type { PlayerMessage } from "../../../schema/playerEvents.ts";
import { uuidV7TimeMs } from "../../pipeline/events/eventDate.ts";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { addUnpublished } from "./unpublishedMessages.ts";

type PlayerEvent = Pick<PlayerMessage, "kind" | "player" | "method" | "upgraded">;

export async function addPlayerEvent(tx: SqlRunner, event: PlayerEvent): Promise<void> {
  const id = uuidv7();
  const value: PlayerMessage = { v: 1, at: uuidV7TimeMs(id), ...event };
  await addUnpublished(tx, [{ topic: "logs_player", key: event.player, id, value }]);
}
