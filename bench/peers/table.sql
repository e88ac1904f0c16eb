-- The table that every server is asked for: 1,000,000 permits, 6 columns. SQLite has the same rows (table.py).
CREATE TABLE fact_permis (
    num_dau text PRIMARY KEY,
    commune text,
    date_autorisation date,
    nb_lgt int,
    surface numeric(12, 2),
    geom_wkt text
);
INSERT INTO fact_permis
SELECT 'PC077' || lpad(i::text, 9, '0'),
       (ARRAY['Lagny-sur-Marne', 'Bussy-Saint-Georges', 'Chelles', 'Thorigny', 'Éméville'])[1 + i % 5],
       date '2013-01-01' + i % 4300,
       i % 40,
       i * 1.37,
       NULL
FROM generate_series(1, 1000000) AS i;
CREATE INDEX ON fact_permis (commune);
VACUUM ANALYZE fact_permis;

-- Who reads: SELECT on this schema and nothing else.
CREATE ROLE ro LOGIN;
GRANT USAGE ON SCHEMA public TO ro;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO ro;
