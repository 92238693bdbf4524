/**
 * The rows of `fact_session`, made from `logs_player`. `connected` and `disconnected` fill the same row
 * of `fact_session`, always with the same values, so they may arrive in any order, any number of times, and one without the other.
 */
import type { SqlRunner } from "../../../platform/sql/Sql.ts";
import { eventDate } from "../../events/eventDate.ts";
import type { DecodedPlayer } from "../decodeMessage.ts";
import { RowSet, sortedByKey } from "./RowSet.ts";
import { factSession } from "./tables.ts";

type SessionRow = Record<string, unknown>;

/** A stored value stays. */
const mergeSession = `DO UPDATE SET ${factSession.columns
  .filter(({ name }) => !factSession.key.includes(name))
  .map(({ name }) => `${name} = COALESCE(t.${name}, excluded.${name})`)
  .join(", ")}`;

export class SessionRows {
  readonly #sessions = new Map<string, SessionRow>();

  /** Adds the row of the event's connection. */
  add({ value }: DecodedPlayer): void {
    const { at, kind, player, connection, room, roomId, matchId, platform, connectedAt, reason, roundTripMs } = value;
    let row = this.#sessions.get(connection!);
    if (row === undefined) {
      row = { event_date: eventDate(connection!), connection };
      this.#sessions.set(connection!, row);
    }
    const ended =
      kind === "disconnected"
        ? { connected_at: connectedAt, disconnected_at: at, reason, round_trip_ms: roundTripMs }
        : { connected_at: at };
    const filled = { player, room, room_id: roomId, match_id: matchId, platform, ...ended };
    for (const [name, field] of Object.entries(filled)) row[name] ??= field;
  }

  async insert(tx: SqlRunner): Promise<void> {
    const sessions = new RowSet(factSession, mergeSession);
    for (const row of sortedByKey(this.#sessions)) sessions.add(factSession.columns.map(({ name }) => row[name]));
    await sessions.insert(tx);
  }
}
