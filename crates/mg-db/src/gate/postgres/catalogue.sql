-- One JSON document for each table, view and function that this account may read, as `Object` reads it.
WITH spaces AS (
  SELECT oid, nspname FROM pg_namespace
  WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
    AND has_schema_privilege(oid, 'USAGE')
),
extensions AS (
  SELECT objid FROM pg_depend WHERE classid = 'pg_proc'::regclass AND deptype = 'e'
)
SELECT json_build_object(
  'schema', s.nspname,
  'name', c.relname,
  'kind', CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END,
  'comment', obj_description(c.oid, 'pg_class'),
  'estimated_rows', CASE WHEN c.reltuples >= 0 AND c.relkind <> 'v' THEN c.reltuples::bigint END,
  'signature', NULL,
  'columns', (
    SELECT coalesce(json_agg(json_build_object(
      'name', a.attname,
      'type', format_type(a.atttypid, a.atttypmod),
      'nullable', NOT a.attnotnull,
      'default', pg_get_expr(d.adbin, d.adrelid),
      'comment', col_description(c.oid, a.attnum),
      'primary_key', coalesce(a.attnum = ANY (p.conkey), false),
      'values', (
        SELECT coalesce(json_agg(e.enumlabel ORDER BY e.enumsortorder), '[]')
        FROM pg_enum AS e
        WHERE e.enumtypid = a.atttypid)) ORDER BY a.attnum), '[]')
    FROM pg_attribute AS a
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      AND has_column_privilege(c.oid, a.attnum, 'SELECT')),
  'foreign_keys', (
    SELECT coalesce(json_agg(json_build_object(
      'columns', (
        SELECT json_agg(a.attname ORDER BY k.place)
        FROM unnest(f.conkey) WITH ORDINALITY AS k (number, place)
        JOIN pg_attribute AS a ON a.attrelid = f.conrelid AND a.attnum = k.number),
      'schema', n.nspname,
      'table', t.relname,
      'references', (
        SELECT json_agg(a.attname ORDER BY k.place)
        FROM unnest(f.confkey) WITH ORDINALITY AS k (number, place)
        JOIN pg_attribute AS a ON a.attrelid = f.confrelid AND a.attnum = k.number)) ORDER BY f.conname), '[]')
    FROM pg_constraint AS f
    JOIN pg_class AS t ON t.oid = f.confrelid
    JOIN pg_namespace AS n ON n.oid = t.relnamespace
    WHERE f.conrelid = c.oid AND f.contype = 'f'),
  'indexes', (
    SELECT coalesce(json_agg(json_build_object(
      'name', i.relname,
      'columns', (
        SELECT coalesce(json_agg(a.attname ORDER BY k.place), '[]')
        FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k (number, place)
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.number),
      'unique', x.indisunique) ORDER BY i.relname), '[]')
    FROM pg_index AS x
    JOIN pg_class AS i ON i.oid = x.indexrelid
    WHERE x.indrelid = c.oid)
)
FROM pg_class AS c
JOIN spaces AS s ON s.oid = c.relnamespace
LEFT JOIN pg_constraint AS p ON p.conrelid = c.oid AND p.contype = 'p'
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT c.relispartition
  AND has_any_column_privilege(c.oid, 'SELECT')
UNION ALL
SELECT json_build_object(
  'schema', s.nspname,
  'name', f.proname,
  'kind', 'function',
  'comment', obj_description(f.oid, 'pg_proc'),
  'estimated_rows', NULL,
  'signature', '(' || pg_get_function_arguments(f.oid) || ') → ' || pg_get_function_result(f.oid),
  'columns', '[]'::json,
  'foreign_keys', '[]'::json,
  'indexes', '[]'::json)
FROM pg_proc AS f
JOIN spaces AS s ON s.oid = f.pronamespace
WHERE f.prokind IN ('f', 'a', 'w') AND has_function_privilege(f.oid, 'EXECUTE')
  AND f.prorettype <> 'trigger'::regtype
  AND f.oid NOT IN (SELECT objid FROM extensions)
