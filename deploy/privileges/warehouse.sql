-- Roles of the warehouse (WAREHOUSE_URL). Run this file as a superuser in that database, before the first start:
--   psql -v ON_ERROR_STOP=1 -f warehouse.sql "postgres://postgres@warehouse.example.com/hypogeum_warehouse"
-- You can run it again, and in a database that already has the schema dw: it changes the owner of the schema and its tables.
--
--   hypogeum_warehouse  for the role `sinks`, and for the commands audit, rebuild and retention: owns the schema dw, because the
--                       sink creates the partitions of each day, and retention drops old ones; has access to no other schema
--   hypogeum_reader     a group without login, for analysts and dashboards: reads all tables and views of dw.
--                       GRANT hypogeum_reader TO anna;
--                       docs/warehouse.md shows how to grant the same to a role of your own
--
-- The roles have no passwords. Set them with \password, or require client certificates in pg_hba.conf.

DO $$
DECLARE
  owned record;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hypogeum_warehouse') THEN
    CREATE ROLE hypogeum_warehouse LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hypogeum_reader') THEN
    CREATE ROLE hypogeum_reader NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
  END IF;

  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO hypogeum_warehouse, hypogeum_reader', current_database());
  EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO hypogeum_warehouse', current_database());

  CREATE SCHEMA IF NOT EXISTS dw;
  ALTER SCHEMA dw OWNER TO hypogeum_warehouse;
  FOR owned IN
    SELECT c.oid::regclass AS name FROM pg_class c
    WHERE c.relnamespace = 'dw'::regnamespace AND c.relkind IN ('r', 'p', 'v')
  LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO hypogeum_warehouse', owned.name);
  END LOOP;
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA dw TO hypogeum_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA dw TO hypogeum_reader;
-- For the partitions, tables and views that the sink creates later.
ALTER DEFAULT PRIVILEGES FOR ROLE hypogeum_warehouse IN SCHEMA dw GRANT SELECT ON TABLES TO hypogeum_reader;
