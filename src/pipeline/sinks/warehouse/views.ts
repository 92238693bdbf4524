/**
 * The views of the warehouse. A view is created only if the tables and columns in its `needs` exist: a game without weapons has
 * no `weapon_use`. Days are the UTC days of matches.
 *
 * A query reads tables only: a view that another view reads could not be changed (`updateView.ts`).
 */
import { SCHEMA } from "./Table.ts";

export interface View {
  readonly name: string;
  readonly about: string;
  readonly needs: Readonly<Record<string, readonly string[]>>;
  readonly query: string;
}

/** Width of a cell of the heat map in subunits (2 m). */
const CELL = 1024;

const playerDay: View = {
  name: "player_day",
  about: "damage, healing, accuracy, kills and deaths by player and day",
  needs: {
    fact_attack: ["attacker", "target", "damage"],
    fact_heal: ["healer", "amount"],
    fact_death: ["victim", "killer"],
  },
  query: `SELECT event_date, player, sum(damage)::bigint AS damage, sum(healing)::bigint AS healing,
      sum(attacks)::bigint AS attacks, sum(hits)::bigint AS hits,
      round(sum(hits)::numeric / nullif(sum(attacks), 0), 4) AS accuracy,
      sum(kills)::bigint AS kills, sum(deaths)::bigint AS deaths
    FROM (
      SELECT event_date, attacker AS player, damage, 0 AS healing, 1 AS attacks,
        CASE WHEN target IS NULL THEN 0 ELSE 1 END AS hits, 0 AS kills, 0 AS deaths FROM ${SCHEMA}.fact_attack
      UNION ALL SELECT event_date, healer, 0, amount, 0, 0, 0, 0 FROM ${SCHEMA}.fact_heal
      UNION ALL SELECT event_date, killer, 0, 0, 0, 0, 1, 0 FROM ${SCHEMA}.fact_death WHERE killer <> victim
      UNION ALL SELECT event_date, victim, 0, 0, 0, 0, 0, 1 FROM ${SCHEMA}.fact_death
    ) AS told GROUP BY event_date, player`,
};

const weaponUse: View = {
  name: "weapon_use",
  about: "attacks, accuracy, damage and kills by weapon and day",
  needs: { fact_attack: ["weapon", "target", "damage"], fact_death: ["weapon"] },
  query: `SELECT event_date, weapon, sum(attacks)::bigint AS attacks, sum(hits)::bigint AS hits,
      round(sum(hits)::numeric / nullif(sum(attacks), 0), 4) AS accuracy,
      sum(damage)::bigint AS damage, sum(kills)::bigint AS kills
    FROM (
      SELECT event_date, weapon, 1 AS attacks, CASE WHEN target IS NULL THEN 0 ELSE 1 END AS hits, damage, 0 AS kills
        FROM ${SCHEMA}.fact_attack
      UNION ALL SELECT event_date, weapon, 0, 0, 0, 1 FROM ${SCHEMA}.fact_death
    ) AS told GROUP BY event_date, weapon`,
};

const winRate: View = {
  name: "win_rate",
  about:
    "games, wins, draws and losses by mode and player; aborted matches left out, leavers lose, a first place shared by all is a draw",
  needs: {},
  query: `SELECT mode, player, bot, count(*) AS games, count(*) FILTER (WHERE won) AS wins,
      count(*) FILTER (WHERE drawn) AS draws, count(*) FILTER (WHERE NOT won AND NOT drawn) AS losses,
      round(count(*) FILTER (WHERE won)::numeric / count(*), 4) AS win_rate
    FROM (
      SELECT m.mode, p.player, p.bot,
        p.place = 1 AND NOT p.has_left AND max(p.place) OVER everyone > 1 AS won,
        p.place = 1 AND NOT p.has_left AND max(p.place) OVER everyone = 1 AS drawn
      FROM ${SCHEMA}.fact_participation p
      JOIN ${SCHEMA}.dim_match m ON m.match_id = p.match_id AND m.reason <> 'aborted'
      WINDOW everyone AS (PARTITION BY p.event_date, p.match_id)
    ) AS told GROUP BY mode, player, bot`,
};

const heatMap: View = {
  name: "position_heat_map",
  about: `how often players stood in each cell of ${CELL} subunits (2 m), by mode and day, from the moves that the warehouse has`,
  needs: { fact_move: ["x", "y"] },
  query: `SELECT f.event_date, m.mode, f.x / ${CELL} AS cell_x, f.y / ${CELL} AS cell_y, count(*) AS samples
    FROM ${SCHEMA}.fact_move f JOIN ${SCHEMA}.dim_match m ON m.match_id = f.match_id
    GROUP BY f.event_date, m.mode, f.x / ${CELL}, f.y / ${CELL}`,
};

const waitingTimes: View = {
  name: "waiting_times",
  about: "time from entering the queue to the match, in ms, by day, mode, strategy and region",
  needs: {},
  query: `SELECT event_date, mode, strategy, region, count(*) AS matched, round(avg(wait_ms))::bigint AS average_ms,
      (percentile_disc(0.5) WITHIN GROUP (ORDER BY wait_ms)) AS p50_ms,
      (percentile_disc(0.9) WITHIN GROUP (ORDER BY wait_ms)) AS p90_ms,
      (percentile_disc(0.99) WITHIN GROUP (ORDER BY wait_ms)) AS p99_ms
    FROM ${SCHEMA}.fact_queue WHERE kind = 'matched'
    GROUP BY event_date, mode, strategy, region`,
};

export const views: readonly View[] = [playerDay, weaponUse, winRate, heatMap, waitingTimes];
