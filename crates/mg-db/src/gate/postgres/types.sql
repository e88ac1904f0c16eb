WITH RECURSIVE parts AS (
    SELECT t.oid, t.typname, t.typbasetype <> 0 AS is_domain,
        CASE WHEN t.typbasetype <> 0 THEN t.typbasetype WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END AS part
    FROM pg_catalog.pg_type AS t
), wanted AS (
    SELECT * FROM parts WHERE oid IN (%OIDS%)
    UNION
    SELECT parts.* FROM wanted JOIN parts ON parts.oid = wanted.part
)
SELECT oid, typname, is_domain, part FROM wanted
