/**
 * The rows of `dim_match` and `fact_participation`, made from `logs_match`. Each kind of event fills its own
 * columns, always with the same values, so rows may be merged in any order and any number of times.
 */
import type { MatchEvents } from "../../../../schema/matchEvents.ts";
import type { SqlRunner } from "../../../platform/sql/Sql.ts";
import type { MatchEvent } from "../../events/messages.ts";
import type { DecodedTick } from "../decodeMessage.ts";
import type { PlayerRows } from "./PlayerRows.ts";
import { RowSet, sortedByKey } from "./RowSet.ts";
import { dimMatch, factParticipation } from "./tables.ts";

type MatchRow = Record<string, unknown>;
type Of<K extends keyof MatchEvents> = MatchEvent & MatchEvents[K];

/** A stored value stays, except `rated`: its value in `started` replaces the one in `created`. `extra` has one field per kind of event. */
const mergeMatch = `DO UPDATE SET ${dimMatch.columns
  .filter(({ name }) => !["match_id", "rated", "extra"].includes(name))
  .map(({ name }) => `${name} = COALESCE(t.${name}, excluded.${name})`)
  .join(", ")}, rated = CASE WHEN t.started_at IS NULL THEN COALESCE(excluded.rated, t.rated) ELSE t.rated END,
  extra = COALESCE(excluded.extra || t.extra, t.extra, excluded.extra)`;

export class MatchRows {
  readonly #moveTicks: number;
  readonly #matches = new Map<string, MatchRow>();
  readonly #players: PlayerRows;
  readonly #participations = new RowSet(factParticipation);

  /** @param players gets the players of the matches. */
  constructor(moveTicks: number, players: PlayerRows) {
    this.#moveTicks = moveTicks;
    this.#players = players;
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
        const { i, kind, rulesVersion, map, rated, region, source, ...rest } = event as Of<"created">;
        match.rated ??= rated;
        fill(match, { created_at: at, rules_version: rulesVersion, map, region, source });
        addExtra(match, kind, rest);
        return;
      }
      case "joined": {
        const { player, bot } = event as unknown as MatchEvents["joined"];
        this.#players.add(player, bot, at);
        return;
      }
      case "started": {
        const { i, kind, rated, roster, weight, ...rest } = event as Of<"started">;
        match.rated = rated;
        fill(match, { started_at: at, weight, roster });
        addExtra(match, kind, rest);
        for (const { player, bot } of roster) this.#players.add(player, bot, at);
        return;
      }
      case "ended":
        this.#addEnded(match, event as Of<"ended">, at);
        return;
    }
  }

  #addEnded(match: MatchRow, ended: Of<"ended">, at: number): void {
    const { i, kind, reason, lastTick, standings, teamScores, counts, shed, ...rest } = ended;
    fill(match, { ended_at: at, reason, last_tick: lastTick, standings, team_scores: teamScores, counts, shed });
    addExtra(match, kind, rest);
    for (const { seat, player, team, bot, place, score, kills, deaths, left } of standings) {
      const { event_date, match_id } = match;
      this.#participations.add([event_date, match_id, seat, player, team, bot, place, score, kills, deaths, left]);
      this.#players.add(player, bot, at);
    }
  }

  async insert(tx: SqlRunner): Promise<void> {
    const matches = new RowSet(dimMatch, mergeMatch);
    for (const match of sortedByKey(this.#matches)) matches.add(dimMatch.columns.map(({ name }) => match[name]));
    await matches.insert(tx);
  }

  async insertParticipations(tx: SqlRunner): Promise<void> {
    await this.#participations.insert(tx);
  }
}

/** Sets only the columns that have no value yet: an event of a match may be repeated. */
function fill(match: MatchRow, columns: MatchRow): void {
  for (const [name, value] of Object.entries(columns)) match[name] ??= value;
}

/** Keeps the fields of an event that have no column. */
function addExtra(match: MatchRow, kind: string, rest: object): void {
  if (Object.keys(rest).length === 0) return;
  const extra = (match.extra ??= {}) as Record<string, object>;
  extra[kind] ??= rest;
}
