-- Roles of the operational database (DATABASE_URL). Run this file as a superuser in that database, before the first start:
--   psql -v ON_ERROR_STOP=1 -f postgres.sql "postgres://postgres@db.example.com/hypogeum"
-- You can run it again, and in a database that already has tables: it changes the owner of the tables.
--
--   hypogeum_owner    owns the tables: for `npm run migrate` and `npm run rebuild`
--   hypogeum_runtime  for the server: reads and writes rows; cannot create, change, empty or drop tables, nor change or delete
--                     rows of operator_acts, the log of operators
--
-- The roles have no passwords. Set them with \password, or require client certificates in pg_hba.conf.

DO $$
DECLARE
  missing text;
  owned record;
BEGIN
  FOR missing IN
    SELECT name FROM unnest(ARRAY['hypogeum_owner', 'hypogeum_runtime']) AS name
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
  LOOP
    EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION', missing);
  END LOOP;

  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO hypogeum_owner, hypogeum_runtime', current_database());
  -- The server creates a temporary table to find out whether a database that was read-only is writable again.
  EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO hypogeum_runtime', current_database());

  -- The tables of an installation that has run as another user.
  FOR owned IN
    SELECT c.oid::regclass AS name FROM pg_class c
    WHERE c.relnamespace::regnamespace::text IN ('public', 'results', 'redrive') AND c.relkind IN ('r', 'p')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO hypogeum_owner', owned.name);
  END LOOP;
END
$$;

CREATE SCHEMA IF NOT EXISTS results;
CREATE SCHEMA IF NOT EXISTS redrive;
ALTER SCHEMA results OWNER TO hypogeum_owner;
ALTER SCHEMA redrive OWNER TO hypogeum_owner;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO hypogeum_owner;
GRANT USAGE ON SCHEMA public, results, redrive TO hypogeum_runtime;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, results, redrive TO hypogeum_runtime;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public, results, redrive TO hypogeum_runtime;

-- For tables and sequences that later migrations create.
ALTER DEFAULT PRIVILEGES FOR ROLE hypogeum_owner IN SCHEMA public, results, redrive
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO hypogeum_runtime;
ALTER DEFAULT PRIVILEGES FOR ROLE hypogeum_owner IN SCHEMA public, results, redrive
  GRANT USAGE ON SEQUENCES TO hypogeum_runtime;

-- If this file runs before the first migration, a migration revokes the same.
DO $$
BEGIN
  IF to_regclass('public.operator_acts') IS NOT NULL THEN
    REVOKE UPDATE, DELETE ON public.operator_acts FROM hypogeum_runtime;
  END IF;
END
$$;
