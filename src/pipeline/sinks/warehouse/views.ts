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
  /** Raise it whenever `query` changes. A build leaves a view alone that a build with a higher version has made. */
  readonly version: number;
  readonly needs: Readonly<Record<string, readonly string[]>>;
  readonly query: string;
}

/** Width of a cell of the heat map in subunits (2 m). */
const CELL = 1024;

const playerDay: View = {
  name: "player_day",
  about: "damage, healing, accuracy, kills and deaths by player and day",
  version: 1,
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
  version: 1,
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
    "games, wins, draws and losses by game, mode and player; aborted matches left out, leavers lose, a first place shared by all is a draw",
  version: 2,
  needs: {},
  query: `SELECT game, mode, player, bot, count(*) AS games, count(*) FILTER (WHERE won) AS wins,
      count(*) FILTER (WHERE drawn) AS draws, count(*) FILTER (WHERE NOT won AND NOT drawn) AS losses,
      round(count(*) FILTER (WHERE won)::numeric / count(*), 4) AS win_rate
    FROM (
      SELECT m.game, m.mode, p.player, p.bot,
        p.place = 1 AND NOT p.has_left AND max(p.place) OVER everyone > 1 AS won,
        p.place = 1 AND NOT p.has_left AND max(p.place) OVER everyone = 1 AS drawn
      FROM ${SCHEMA}.fact_participation p
      JOIN ${SCHEMA}.dim_match m ON m.match_id = p.match_id AND m.reason <> 'aborted'
      WINDOW everyone AS (PARTITION BY p.event_date, p.match_id)
    ) AS told GROUP BY game, mode, player, bot`,
};

const heatMap: View = {
  name: "position_heat_map",
  about: `how often players stood in each cell of ${CELL} subunits (2 m), by game, mode and day, from the moves that the warehouse has`,
  version: 2,
  needs: { fact_move: ["x", "y"] },
  query: `SELECT f.event_date, m.game, m.mode, f.x / ${CELL} AS cell_x, f.y / ${CELL} AS cell_y, count(*) AS samples
    FROM ${SCHEMA}.fact_move f JOIN ${SCHEMA}.dim_match m ON m.match_id = f.match_id
    GROUP BY f.event_date, m.game, m.mode, f.x / ${CELL}, f.y / ${CELL}`,
};

const waitingTimes: View = {
  name: "waiting_times",
  about: "time from entering the queue to the match, in ms, by day, game, mode, strategy and region",
  version: 2,
  needs: {},
  query: `SELECT event_date, game, mode, strategy, region, count(*) AS matched, round(avg(wait_ms))::bigint AS average_ms,
      (percentile_disc(0.5) WITHIN GROUP (ORDER BY wait_ms)) AS p50_ms,
      (percentile_disc(0.9) WITHIN GROUP (ORDER BY wait_ms)) AS p90_ms,
      (percentile_disc(0.99) WITHIN GROUP (ORDER BY wait_ms)) AS p99_ms
    FROM ${SCHEMA}.fact_queue WHERE kind = 'matched'
    GROUP BY event_date, game, mode, strategy, region`,
};

/** Players without a connection for this long have ended their play session. */
const PAUSE = "interval '30 minutes'";
const TODAY = "(now() AT TIME ZONE 'UTC')::date";

/** The days on which each player connected or played. A view of its own could not be replaced while other views use it. */
const ACTIVE_DAYS = `SELECT event_date, player FROM ${SCHEMA}.fact_session
      UNION SELECT event_date, player FROM ${SCHEMA}.fact_participation WHERE NOT bot`;

const activeDays: View = {
  name: "player_active_day",
  about: "the days on which each player connected or played; no bots",
  version: 1,
  needs: {},
  query: ACTIVE_DAYS,
};

const dailyActives: View = {
  name: "daily_active_players",
  about: "active players by day, and how many of them were seen for the first time",
  version: 1,
  needs: {},
  query: `SELECT a.event_date, count(*) AS players,
      count(*) FILTER (WHERE (p.first_seen AT TIME ZONE 'UTC')::date = a.event_date) AS new_players
    FROM (${ACTIVE_DAYS}) AS a LEFT JOIN ${SCHEMA}.dim_player p ON p.player = a.player GROUP BY a.event_date`,
};

const monthlyActives: View = {
  name: "monthly_active_players",
  about: "active players by month",
  version: 1,
  needs: {},
  query: `SELECT date_trunc('month', event_date::timestamp)::date AS month, count(DISTINCT player) AS players
    FROM (${ACTIVE_DAYS}) AS a GROUP BY 1`,
};

const RETENTION_DAYS = [1, 7, 30];

const retention: View = {
  name: "retention",
  about:
    "players by the day on which they were first seen, and how many of them were active again exactly 1, 7 and 30 days later; null until that day is over",
  version: 1,
  needs: {},
  query: `SELECT cohort AS cohort_day, count(DISTINCT player) AS players, ${RETENTION_DAYS.map(
    (days) => `CASE WHEN cohort + ${days} < ${TODAY} THEN count(*) FILTER (WHERE later = ${days}) END AS day_${days},
      CASE WHEN cohort + ${days} < ${TODAY}
        THEN round(count(*) FILTER (WHERE later = ${days})::numeric / count(DISTINCT player), 4) END AS day_${days}_rate`,
  ).join(",\n      ")}
    FROM (
      SELECT p.player, (p.first_seen AT TIME ZONE 'UTC')::date AS cohort,
        a.event_date - (p.first_seen AT TIME ZONE 'UTC')::date AS later
      FROM ${SCHEMA}.dim_player p LEFT JOIN (${ACTIVE_DAYS}) AS a ON a.player = p.player
        AND a.event_date - (p.first_seen AT TIME ZONE 'UTC')::date IN (${RETENTION_DAYS.join(", ")})
      WHERE NOT p.bot
    ) AS told
    WHERE cohort >= (SELECT min(event_date) FROM (${ACTIVE_DAYS}) AS a) GROUP BY cohort`,
};

const sessionLength: View = {
  name: "session_length",
  about:
    "play sessions by day and platform, in seconds: connections of a player with less than 30 minutes between them are one session; running sessions are left out",
  version: 1,
  needs: {},
  query: `SELECT (began AT TIME ZONE 'UTC')::date AS event_date, platform, count(*) AS sessions,
      sum(connections)::bigint AS connections, round(avg(seconds))::bigint AS average_seconds,
      (percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds)) AS p50_seconds,
      (percentile_disc(0.9) WITHIN GROUP (ORDER BY seconds)) AS p90_seconds
    FROM (
      SELECT min(began) AS began, min(platform) AS platform, count(*) AS connections,
        round(extract(epoch FROM max(ended) - min(began)))::bigint AS seconds
      FROM (
        SELECT *, count(*) FILTER (WHERE earlier IS NULL OR began > earlier + ${PAUSE})
            OVER (PARTITION BY player ORDER BY began, connection) AS number
        FROM (
          SELECT *, max(ended) OVER (PARTITION BY player ORDER BY began, connection
              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier
          FROM (
            SELECT s.player, s.platform, s.connection, s.connected_at AS began,
              COALESCE(s.disconnected_at, m.ended_at) AS ended
            FROM ${SCHEMA}.fact_session s LEFT JOIN ${SCHEMA}.dim_match m ON m.match_id = s.match_id
          ) AS connected WHERE ended IS NOT NULL
        ) AS followed
      ) AS numbered GROUP BY player, number
    ) AS played GROUP BY 1, platform`,
};

const ratingHistory: View = {
  name: "rating_history",
  about: "the rated matches of each player in each mode, numbered, with the rating before and after",
  version: 1,
  needs: {},
  query: `SELECT game, mode, player, row_number() OVER (PARTITION BY game, mode, player ORDER BY at, id) AS number,
      event_date, at, match_id, before, after, after - before AS change, algorithm
    FROM ${SCHEMA}.fact_rating`,
};

const playerActions: View = {
  name: "player_actions",
  about: "what players did outside matches, and what operators did to them, by day and kind",
  version: 1,
  needs: {},
  query: `SELECT event_date, kind, count(*) AS actions, count(DISTINCT player) AS players
    FROM (
      SELECT event_date, kind, player FROM ${SCHEMA}.fact_player
      UNION ALL SELECT event_date, act, player FROM ${SCHEMA}.fact_admin WHERE player IS NOT NULL
    ) AS told GROUP BY event_date, kind`,
};

export const views: readonly View[] = [
  ...[playerDay, weaponUse, winRate, heatMap, waitingTimes],
  ...[activeDays, dailyActives, monthlyActives, retention, sessionLength, ratingHistory, playerActions],
];
