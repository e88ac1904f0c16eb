-- One JSON document for each table and view, as `Object` reads it.
SELECT json_object(
  'schema', 'main',
  'name', o.name,
  'kind', o.type,
  'comment', NULL,
  'estimated_rows', (SELECT max(CAST(s.stat AS INTEGER)) FROM sqlite_stat1 AS s WHERE s.tbl = o.name),
  'signature', NULL,
  'columns', (
    SELECT json_group_array(json_object(
      'name', c.name,
      'type', lower(c.type),
      'nullable', json(CASE WHEN c."notnull" OR c.pk THEN 'false' ELSE 'true' END),
      'default', c.dflt_value,
      'comment', NULL,
      'primary_key', json(CASE WHEN c.pk THEN 'true' ELSE 'false' END)))
    FROM pragma_table_xinfo(o.name) AS c
    WHERE c.hidden <> 1),
  'foreign_keys', (
    SELECT json_group_array(json(k.document))
    FROM (
      SELECT json_object(
        'columns', json_group_array(f."from"),
        'schema', 'main',
        'table', f."table",
        'references', json_group_array(coalesce(f."to", f."from"))) AS document
      FROM pragma_foreign_key_list(o.name) AS f
      GROUP BY f.id) AS k),
  'indexes', (
    SELECT json_group_array(json_object(
      'name', i.name,
      'columns', (
        SELECT json_group_array(x.name) FROM pragma_index_info(i.name) AS x WHERE x.name IS NOT NULL),
      'unique', json(CASE WHEN i."unique" THEN 'true' ELSE 'false' END)))
    FROM pragma_index_list(o.name) AS i))
FROM sqlite_schema AS o
WHERE o.type IN ('table', 'view') AND o.name NOT LIKE 'sqlite\_%' ESCAPE '\'
ORDER BY o.name
