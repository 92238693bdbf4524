/** The rows of `dim_player`: when each player was first and last seen, in any order and any number of times. */
import type { SqlRunner } from "../../../platform/sql/Sql.ts";
import { RowSet, sortedByKey } from "./RowSet.ts";
import { dimPlayer } from "./tables.ts";

interface PlayerRow {
  readonly player: string;
  readonly bot: boolean;
  firstSeen: number;
  lastSeen: number;
}

const mergePlayer = `DO UPDATE SET first_seen = LEAST(t.first_seen, excluded.first_seen),
  last_seen = GREATEST(t.last_seen, excluded.last_seen)
  WHERE excluded.first_seen < t.first_seen OR excluded.last_seen > t.last_seen`;

export class PlayerRows {
  readonly #players = new Map<string, PlayerRow>();

  /** `at`: Unix ms. */
  add(player: string, bot: boolean, at: number): void {
    const known = this.#players.get(player);
    if (known === undefined) {
      this.#players.set(player, { player, bot, firstSeen: at, lastSeen: at });
      return;
    }
    known.firstSeen = Math.min(known.firstSeen, at);
    known.lastSeen = Math.max(known.lastSeen, at);
  }

  async insert(tx: SqlRunner): Promise<void> {
    const players = new RowSet(dimPlayer, mergePlayer);
    for (const { player, bot, firstSeen, lastSeen } of sortedByKey(this.#players))
      players.add([player, bot, firstSeen, lastSeen]);
    await players.insert(tx);
  }
}
