-- Names of the functions that may do more than compute: those marked volatile of PostgreSQL itself and of
-- extensions. What users wrote themselves is left to the read-only transaction.
SELECT string_agg(DISTINCT proname, ' ')
FROM pg_proc AS p
WHERE provolatile = 'v'
  AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
  AND 'internal'::regtype <> ALL (proargtypes)
  AND (pronamespace = 'pg_catalog'::regnamespace
    OR EXISTS (
      SELECT FROM pg_depend AS d
      WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'))
