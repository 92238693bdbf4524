-- Example queries on the warehouse. Run them with psql: psql "$WAREHOUSE_URL" -f examples/queries.sql
-- docs/warehouse.md describes the views. The fact and dimension tables can be queried too.

-- Who dealt the most damage each day, and how accurately?
SELECT event_date, player, damage, healing, accuracy, kills, deaths
FROM dw.player_day ORDER BY event_date DESC, damage DESC LIMIT 20;

-- How effective is each weapon?
SELECT weapon, sum(attacks) AS attacks, round(sum(hits)::numeric / nullif(sum(attacks), 0), 3) AS accuracy, sum(damage) AS damage, sum(kills) AS kills
FROM dw.weapon_use GROUP BY weapon ORDER BY damage DESC;

-- How often does each player win? Without bots, and with at least ten games.
SELECT game, mode, player, games, wins, draws, losses, win_rate
FROM dw.win_rate WHERE NOT bot AND games >= 10 ORDER BY game, mode, win_rate DESC;

-- Where do players spend their time? Cells of 2 m, from the moves in the warehouse.
SELECT game, mode, cell_x, cell_y, sum(samples) AS samples
FROM dw.position_heat_map GROUP BY game, mode, cell_x, cell_y ORDER BY samples DESC LIMIT 20;

-- How long do players wait for a match?
SELECT event_date, game, mode, strategy, matched, average_ms, p50_ms, p90_ms, p99_ms
FROM dw.waiting_times ORDER BY event_date DESC, game, mode;

-- How long do matches last, and why do they end? Ticks count from the creation of the match.
SELECT mode, reason, count(*) AS matches, round(avg(last_tick)) AS average_last_tick,
  round(avg(extract(epoch FROM ended_at - created_at))::numeric, 1) AS average_seconds
FROM dw.dim_match WHERE ended_at IS NOT NULL GROUP BY mode, reason ORDER BY mode, matches DESC;

-- Which matches lost events because the outbox was too full? No rows means none.
SELECT match_id, shed FROM dw.dim_match WHERE shed <> '{}';
