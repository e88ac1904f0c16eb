-- Who is logged in, on what, and what makes the login too strong for reading.
SELECT session_user,
  current_setting('server_version'),
  CASE
    WHEN (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) THEN 'it is a superuser'
    ELSE (
      SELECT string_agg(
        CASE WHEN rolname <> session_user THEN 'it is a member of ' || rolname
             WHEN rolcreaterole THEN 'it may create roles'
             ELSE 'it may replicate the server' END, ', ' ORDER BY rolname)
      FROM pg_roles
      WHERE pg_has_role(session_user, oid, 'MEMBER')
        AND (rolsuper OR rolcreaterole OR rolreplication OR rolname IN (
          'pg_execute_server_program', 'pg_read_all_data', 'pg_read_server_files', 'pg_signal_backend',
          'pg_write_all_data', 'pg_write_server_files')))
  END
