-- One JSON document for each table, view and function that this account may read, as `Object` reads it.
-- JSON_EXTRACT(…, '$') makes a document of a text; lists are joined by hand, since MySQL's JSON_ARRAYAGG has no order.
WITH readable AS (
  SELECT table_schema, table_name,
    GROUP_CONCAT(JSON_OBJECT(
      'name', column_name,
      'type', column_type,
      'nullable', JSON_EXTRACT(IF(is_nullable = 'YES', 'true', 'false'), '$'),
      'default', NULLIF(column_default, 'NULL'),
      'comment', NULLIF(column_comment, ''),
      'primary_key', JSON_EXTRACT(IF(column_key = 'PRI', 'true', 'false'), '$')) ORDER BY ordinal_position SEPARATOR ',') AS list
  FROM information_schema.columns
  WHERE table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')
    AND FIND_IN_SET('select', LOWER(privileges)) > 0
  GROUP BY table_schema, table_name
),
foreign_columns AS (
  SELECT table_schema, table_name, constraint_name,
    referenced_table_schema AS other_schema, referenced_table_name AS other_table,
    GROUP_CONCAT(JSON_QUOTE(column_name) ORDER BY ordinal_position SEPARATOR ',') AS own,
    GROUP_CONCAT(JSON_QUOTE(referenced_column_name) ORDER BY ordinal_position SEPARATOR ',') AS others
  FROM information_schema.key_column_usage
  WHERE referenced_table_name IS NOT NULL
  GROUP BY table_schema, table_name, constraint_name, other_schema, other_table
),
foreign_keys AS (
  SELECT table_schema, table_name,
    GROUP_CONCAT(JSON_OBJECT(
      'columns', JSON_EXTRACT(CONCAT('[', own, ']'), '$'),
      'schema', other_schema,
      'table', other_table,
      'references', JSON_EXTRACT(CONCAT('[', others, ']'), '$')) ORDER BY constraint_name SEPARATOR ',') AS list
  FROM foreign_columns
  GROUP BY table_schema, table_name
),
index_columns AS (
  SELECT table_schema, table_name, index_name, MAX(non_unique) AS repeats,
    GROUP_CONCAT(JSON_QUOTE(column_name) ORDER BY seq_in_index SEPARATOR ',') AS own
  FROM information_schema.statistics
  GROUP BY table_schema, table_name, index_name
),
indexes AS (
  SELECT table_schema, table_name,
    GROUP_CONCAT(JSON_OBJECT(
      'name', index_name,
      'columns', JSON_EXTRACT(CONCAT('[', COALESCE(own, ''), ']'), '$'),
      'unique', JSON_EXTRACT(IF(repeats = 0, 'true', 'false'), '$')) ORDER BY index_name SEPARATOR ',') AS list
  FROM index_columns
  GROUP BY table_schema, table_name
),
arguments AS (
  SELECT specific_schema, specific_name,
    GROUP_CONCAT(CONCAT(parameter_name, ' ', dtd_identifier) ORDER BY ordinal_position SEPARATOR ', ') AS list
  FROM information_schema.parameters
  WHERE ordinal_position > 0
  GROUP BY specific_schema, specific_name
)
SELECT JSON_OBJECT(
  'schema', t.table_schema,
  'name', t.table_name,
  'kind', IF(t.table_type LIKE '%VIEW', 'view', 'table'),
  'comment', IF(t.table_type LIKE '%VIEW', NULL, NULLIF(t.table_comment, '')),
  'estimated_rows', IF(t.table_type LIKE '%VIEW', NULL, t.table_rows),
  'signature', NULL,
  'columns', JSON_EXTRACT(CONCAT('[', c.list, ']'), '$'),
  'foreign_keys', JSON_EXTRACT(CONCAT('[', COALESCE(f.list, ''), ']'), '$'),
  'indexes', JSON_EXTRACT(CONCAT('[', COALESCE(i.list, ''), ']'), '$')) AS object
FROM information_schema.tables AS t
JOIN readable AS c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
LEFT JOIN foreign_keys AS f ON f.table_schema = t.table_schema AND f.table_name = t.table_name
LEFT JOIN indexes AS i ON i.table_schema = t.table_schema AND i.table_name = t.table_name
WHERE t.table_type <> 'SEQUENCE'
UNION ALL
SELECT JSON_OBJECT(
  'schema', r.routine_schema,
  'name', r.routine_name,
  'kind', 'function',
  'comment', NULLIF(r.routine_comment, ''),
  'estimated_rows', NULL,
  'signature', CONCAT('(', COALESCE(a.list, ''), ') → ', r.dtd_identifier),
  'columns', JSON_EXTRACT('[]', '$'),
  'foreign_keys', JSON_EXTRACT('[]', '$'),
  'indexes', JSON_EXTRACT('[]', '$'))
FROM information_schema.routines AS r
LEFT JOIN arguments AS a ON a.specific_schema = r.routine_schema AND a.specific_name = r.specific_name
WHERE r.routine_type = 'FUNCTION'
  AND r.routine_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')
