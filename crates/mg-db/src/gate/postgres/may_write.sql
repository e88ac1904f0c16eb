-- Whether the login may change a table or create one, outside of temporary tables.
SELECT has_database_privilege(session_user, current_database(), 'CREATE')
  OR EXISTS (
    SELECT FROM pg_namespace AS n
    WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
      AND has_schema_privilege(session_user, n.oid, 'CREATE'))
  OR EXISTS (
    SELECT FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'f')
      AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
      AND (has_table_privilege(session_user, c.oid, 'DELETE, TRUNCATE')
        OR has_any_column_privilege(session_user, c.oid, 'INSERT, UPDATE')))
