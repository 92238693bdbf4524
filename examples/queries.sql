-- Questions to the warehouse, for psql: psql "$WAREHOUSE_URL" -f examples/queries.sql
-- The views are described in docs/warehouse.md; facts and dimensions can be asked just as well.

-- Who dealt the most damage, and how surely, day by day?
SELECT event_date, player, damage, healing, accuracy, kills, deaths
FROM dw.player_day ORDER BY event_date DESC, damage DESC LIMIT 20;

-- Which weapon does what?
SELECT weapon, sum(attacks) AS attacks, round(sum(hits)::numeric / nullif(sum(attacks), 0), 3) AS accuracy, sum(damage) AS damage, sum(kills) AS kills
FROM dw.weapon_use GROUP BY weapon ORDER BY damage DESC;

-- How often does who win, people only, from ten games on?
SELECT mode, player, games, wins, draws, losses, win_rate
FROM dw.win_rate WHERE NOT bot AND games >= 10 ORDER BY mode, win_rate DESC;

-- Where do players stand? Cells of 2 m, from the moves that the warehouse has.
SELECT mode, cell_x, cell_y, sum(samples) AS samples
FROM dw.position_heat_map GROUP BY mode, cell_x, cell_y ORDER BY samples DESC LIMIT 20;

-- How long do people wait for a match?
SELECT event_date, mode, strategy, matched, average_ms, p50_ms, p90_ms, p99_ms
FROM dw.waiting_times ORDER BY event_date DESC, mode;

-- How long do matches last, and how do they end? Ticks count from the creation of the match.
SELECT mode, reason, count(*) AS matches, round(avg(last_tick)) AS average_last_tick,
  round(avg(extract(epoch FROM ended_at - created_at))::numeric, 1) AS average_seconds
FROM dw.dim_match WHERE ended_at IS NOT NULL GROUP BY mode, reason ORDER BY mode, matches DESC;

-- Was anything dropped on overflow? Empty is good.
SELECT match_id, shed FROM dw.dim_match WHERE shed <> '{}';
