-- Who is logged in, on what, and which role makes the login too strong for reading.
SELECT session_user,
  current_setting('server_version'),
  CASE
    WHEN (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) THEN 'it is a superuser'
    ELSE (
      SELECT 'it is a member of ' || string_agg(rolname, ', ' ORDER BY rolname)
      FROM pg_roles
      WHERE pg_has_role(session_user, oid, 'MEMBER')
        AND (rolsuper OR rolname IN (
          'pg_execute_server_program', 'pg_read_all_data', 'pg_read_server_files', 'pg_write_server_files')))
  END
