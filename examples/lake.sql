-- Example queries on the lake. Run them with DuckDB: duckdb < examples/lake.sql
-- To read a bucket: INSTALL httpfs; LOAD httpfs; CREATE SECRET (TYPE s3, …); and set 's3://BUCKET' below.
SET VARIABLE lake = '.data/lake';

-- How many match events of each kind were there per day?
SELECT dt, kind, count(*) AS events
FROM read_parquet(getvariable('lake') || '/raw/logs_match/**/*.parquet', hive_partitioning = true, union_by_name = true)
GROUP BY ALL ORDER BY dt, events DESC;

-- How far did each player walk in each match? Positions are in subunits, 512 to a metre. The lake has the moves of every tick.
SELECT match_id, player, round(sum(step) / 512, 1) AS metres
FROM (
  SELECT match_id, player,
    sqrt((x - lag(x) OVER walk) ** 2 + (y - lag(y) OVER walk) ** 2) AS step
  FROM read_parquet(getvariable('lake') || '/raw/logs_move/**/*.parquet', hive_partitioning = true, union_by_name = true)
  WINDOW walk AS (PARTITION BY match_id, player ORDER BY tick)
)
GROUP BY ALL ORDER BY metres DESC LIMIT 20;

-- How far back did lag compensation rewind for each player, in ticks?
SELECT attacker, count(*) AS attacks, avg("rewind_ticks") AS average_rewind, max("rewind_ticks") AS most
FROM read_parquet(getvariable('lake') || '/raw/logs_attack/**/*.parquet', hive_partitioning = true, union_by_name = true)
GROUP BY ALL ORDER BY average_rewind DESC LIMIT 20;
