/**
 * The rows of `dim_match`, `fact_participation` and `dim_player`, made from `logs_match`. Each kind of event fills its own
 * columns, always with the same values, so rows may be merged in any order and any number of times.
 */
import type { MatchEvents } from "../../../../schema/matchEvents.ts";
import type { SqlRunner } from "../../../platform/sql/Sql.ts";
import type { MatchEvent } from "../../events/messages.ts";
import type { DecodedTick } from "../decodeMessage.ts";
import { RowSet } from "./RowSet.ts";
import { dimMatch, dimPlayer, factParticipation } from "./tables.ts";

type MatchRow = Record<string, unknown>;
interface PlayerRow {
  readonly bot: boolean;
  firstSeen: number;
  lastSeen: number;
}

/** A stored value stays, except `rated`: its value in `started` replaces the one in `created`. */
const mergeMatch = `DO UPDATE SET ${dimMatch.columns
  .filter(({ name }) => name !== "match_id" && name !== "rated")
  .map(({ name }) => `${name} = COALESCE(t.${name}, excluded.${name})`)
  .join(", ")}, rated = CASE WHEN t.started_at IS NULL THEN COALESCE(excluded.rated, t.rated) ELSE t.rated END`;

const mergePlayer = `DO UPDATE SET first_seen = LEAST(t.first_seen, excluded.first_seen),
  last_seen = GREATEST(t.last_seen, excluded.last_seen)
  WHERE excluded.first_seen < t.first_seen OR excluded.last_seen > t.last_seen`;

export class MatchRows {
  readonly #moveTicks: number;
  readonly #matches = new Map<string, MatchRow>();
  readonly #players = new Map<string, PlayerRow>();
  readonly #participations = new RowSet(factParticipation);

  constructor(moveTicks: number) {
    this.#moveTicks = moveTicks;
  }

  addTick({ value }: DecodedTick, eventDate: string): void {
    const { matchId, game, mode, roomId, at } = value;
    let match = this.#matches.get(matchId);
    if (match === undefined) {
      match = { match_id: matchId, event_date: eventDate, game, mode, room_id: roomId };
      match.warehouse_move_ticks = this.#moveTicks;
      this.#matches.set(matchId, match);
    }
    for (const event of value.events) this.#addEvent(match, event, at);
  }

  #addEvent(match: MatchRow, event: MatchEvent, at: number): void {
    switch (event.kind) {
      case "created": {
        const { rulesVersion, rated, region, source } = event as unknown as MatchEvents["created"];
        match.rated ??= rated;
        fill(match, { created_at: at, rules_version: rulesVersion, region, source });
        return;
      }
      case "joined": {
        const { player, bot } = event as unknown as MatchEvents["joined"];
        this.#addPlayer(player, bot, at);
        return;
      }
      case "started": {
        const { rated, roster, weight } = event as unknown as MatchEvents["started"];
        match.rated = rated;
        fill(match, { started_at: at, weight, roster });
        for (const { player, bot } of roster) this.#addPlayer(player, bot, at);
        return;
      }
      case "ended":
        this.#addEnded(match, event as unknown as MatchEvents["ended"], at);
        return;
    }
  }

  #addEnded(match: MatchRow, ended: MatchEvents["ended"], at: number): void {
    const { reason, lastTick, standings, teamScores, counts, shed } = ended;
    fill(match, { ended_at: at, reason, last_tick: lastTick, standings, team_scores: teamScores, counts, shed });
    for (const { seat, player, team, bot, place, score, kills, deaths, left } of standings) {
      const { event_date, match_id } = match;
      this.#participations.add([event_date, match_id, seat, player, team, bot, place, score, kills, deaths, left]);
      this.#addPlayer(player, bot, at);
    }
  }

  #addPlayer(player: string, bot: boolean, at: number): void {
    const known = this.#players.get(player);
    if (known === undefined) {
      this.#players.set(player, { bot, firstSeen: at, lastSeen: at });
      return;
    }
    known.firstSeen = Math.min(known.firstSeen, at);
    known.lastSeen = Math.max(known.lastSeen, at);
  }

  async insert(tx: SqlRunner): Promise<void> {
    const matches = new RowSet(dimMatch, mergeMatch);
    for (const match of this.#matches.values()) matches.add(dimMatch.columns.map(({ name }) => match[name]));
    const players = new RowSet(dimPlayer, mergePlayer);
    // Sorted, because consumers of other partitions write the same players: locks in another order could deadlock.
    for (const [player, { bot, firstSeen, lastSeen }] of [...this.#players].sort(([a], [b]) => (a < b ? -1 : 1)))
      players.add([player, bot, firstSeen, lastSeen]);
    await matches.insert(tx);
    await this.#participations.insert(tx);
    await players.insert(tx);
  }
}

/** Sets only the columns that have no value yet: an event of a match may be repeated. */
function fill(match: MatchRow, columns: MatchRow): void {
  for (const [name, value] of Object.entries(columns)) match[name] ??= value;
}
