-- In a database with deploy/privileges/postgres.sql, the server's user was granted all that it may do in other tables.
DO $$
DECLARE
  granted record;
BEGIN
  REVOKE UPDATE, DELETE, TRUNCATE ON "operator_acts" FROM PUBLIC;
  FOR granted IN
    SELECT DISTINCT acl.grantee::regrole AS "user" FROM pg_class c, aclexplode(c.relacl) acl
    WHERE c.oid = '"operator_acts"'::regclass AND acl.grantee NOT IN (0, c.relowner)
  LOOP
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON "operator_acts" FROM %s', granted."user");
  END LOOP;
END $$;
