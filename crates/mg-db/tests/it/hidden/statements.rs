//! Statements that try to reach a hidden column, and such that stay welcome.

/// Ways to a hidden column, or to know what it holds: refused with the table's name.
pub(super) const EVASIONS: &[&str] = &[
    "SELECT denom_dem FROM fact_permis",
    "SELECT * FROM fact_permis",
    "SELECT p.* FROM fact_permis AS p",
    "SELECT p.comm, p.adr_libvoie_ter FROM fact_permis AS p",
    "SELECT num_dau FROM fact_permis",
    "SELECT \"denom_dem\" FROM \"fact_permis\"",
    "SELECT DENOM_DEM FROM FACT_PERMIS",
    "SELECT fact_permis.\"denom_dem\" FROM fact_permis",
    "SELECT 1 FROM fact_permis WHERE denom_dem = 'MARTIN'",
    "SELECT 1 FROM fact_permis WHERE denom_dem LIKE 'M%'",
    "SELECT 1 FROM fact_permis WHERE denom_dem IS NOT NULL",
    "SELECT 1 FROM fact_permis WHERE (comm, denom_dem) IN (SELECT '77243', 'MARTIN')",
    "SELECT comm FROM fact_permis ORDER BY denom_dem",
    "SELECT COUNT(*) FROM fact_permis GROUP BY siren_dem",
    "SELECT comm FROM fact_permis GROUP BY comm HAVING MAX(denom_dem) > 'M'",
    "SELECT COUNT(DISTINCT denom_dem) FROM fact_permis",
    "SELECT COUNT(*) FILTER (WHERE denom_dem = 'MARTIN') FROM fact_permis",
    "SELECT RANK() OVER (ORDER BY superficie_terrain) FROM fact_permis",
    "SELECT comm, SUM(1) OVER (PARTITION BY denom_dem) FROM fact_permis",
    "SELECT COALESCE(NULL, denom_dem) FROM fact_permis",
    "SELECT CASE WHEN denom_dem = 'MARTIN' THEN 1 END FROM fact_permis",
    "SELECT COUNT(*) FROM fact_permis NATURAL JOIN guesses",
    "SELECT COUNT(*) FROM guesses NATURAL JOIN fact_permis",
    "SELECT COUNT(*) FROM guesses NATURAL LEFT JOIN fact_permis",
    "SELECT COUNT(*) FROM fact_permis JOIN guesses USING (denom_dem)",
    "SELECT COUNT(*) FROM (SELECT 'MARTIN' AS denom_dem) AS g JOIN fact_permis USING (denom_dem)",
    "SELECT COUNT(*) FROM fact_permis AS a NATURAL JOIN fact_permis AS b",
    "SELECT comm FROM guesses WHERE EXISTS (SELECT 1 FROM fact_permis NATURAL JOIN (SELECT 'MARTIN' AS denom_dem) AS g)",
    "SELECT 1 FROM guesses AS g JOIN fact_permis AS p ON p.denom_dem = g.denom_dem",
    "SELECT (SELECT MAX(denom_dem) FROM fact_permis)",
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM fact_permis WHERE denom_dem = 'MARTIN')",
    "SELECT x FROM (SELECT denom_dem AS x FROM fact_permis) AS s",
    "SELECT COUNT(*) FROM (SELECT denom_dem FROM fact_permis) AS s WHERE denom_dem = 'MARTIN'",
    "SELECT (SELECT p.denom_dem) FROM fact_permis AS p",
    "SELECT comm FROM dim_commune AS c WHERE 'MARTIN' IN (SELECT denom_dem FROM fact_permis AS p WHERE p.comm = c.comm)",
    "SELECT 'x' UNION ALL SELECT denom_dem FROM fact_permis",
    "SELECT 'x' EXCEPT SELECT denom_dem FROM fact_permis",
    "WITH v_permis_public AS (SELECT denom_dem FROM fact_permis) SELECT * FROM v_permis_public",
    "WITH \"V_PERMIS_PUBLIC\" AS (SELECT * FROM fact_permis) SELECT comm FROM \"V_PERMIS_PUBLIC\"",
    "WITH v_permis_public(x) AS (SELECT siren_dem FROM fact_permis) SELECT x FROM v_permis_public AS p",
    "WITH a AS (WITH v_permis_public AS (SELECT denom_dem FROM fact_permis) SELECT * FROM v_permis_public) SELECT * FROM a",
    "WITH v_permis_public AS (SELECT comm, COUNT(*) AS n FROM fact_permis NATURAL JOIN guesses GROUP BY comm) SELECT n FROM v_permis_public",
    "WITH v_permis_public AS (SELECT (SELECT MAX(f.denom_dem) FROM fact_permis AS f WHERE f.comm = c.comm) AS x FROM dim_commune AS c) SELECT x FROM v_permis_public",
    "WITH RECURSIVE v_permis_public(x, n) AS (SELECT denom_dem, 1 FROM fact_permis UNION ALL SELECT x, n + 1 FROM v_permis_public WHERE n < 2) SELECT x FROM v_permis_public",
    "SELECT * FROM (SELECT denom_dem FROM fact_permis) AS v_permis_public",
    "SELECT v_permis_public.denom_dem FROM fact_permis AS v_permis_public",
    "SELECT comm FROM v_other",
    "WITH v_permis_public AS (SELECT * FROM v_other) SELECT * FROM v_permis_public",
    "EXPLAIN SELECT denom_dem FROM fact_permis",
];

pub(super) const SQLITE_EVASIONS: &[&str] = &[
    "SELECT [denom_dem] FROM [fact_permis]",
    "SELECT `denom_dem` FROM main.`fact_permis`",
    "SELECT main.fact_permis.denom_dem FROM main.fact_permis",
    "SELECT rowid FROM fact_permis",
    "SELECT _rowid_ FROM fact_permis WHERE oid = 1",
    "SELECT shown FROM fact_permis",
    "SELECT comm FROM fact_permis INDEXED BY ix_permis_comm_date WHERE comm = '77243' AND denom_dem = 'MARTIN'",
    "EXPLAIN QUERY PLAN SELECT denom_dem FROM fact_permis",
    "SELECT COUNT(*) FROM fact_permis RIGHT JOIN guesses USING (denom_dem)",
    "SELECT COUNT(*) FROM fact_permis NATURAL FULL JOIN (SELECT 'MARTIN' AS denom_dem)",
    "SELECT COUNT(*) FROM main.fact_permis, json_each('[1]') NATURAL JOIN (SELECT 'MARTIN' AS denom_dem)",
    "SELECT COUNT(*) FROM dbstat",
    "WITH v_permis_public AS MATERIALIZED (SELECT denom_dem FROM fact_permis) SELECT * FROM v_permis_public",
    "SELECT group_concat(denom_dem) FROM fact_permis",
    "SELECT json_group_array(json_object('x', denom_dem)) FROM fact_permis",
    "SELECT sqlite_offset(denom_dem) FROM fact_permis",
];

/// Refused in other words: what is not there for this caller.
pub(super) const SQLITE_ABSENT: &[&str] = &[
    "SELECT * FROM sqlite_stat1",
    "SELECT sample FROM main.sqlite_stat4",
    "SELECT comm FROM fact_permis INDEXED BY ix_hidden",
    "SELECT * FROM \"stand-in of v_permis_public\"",
];

pub(super) const POSTGRES_EVASIONS: &[&str] = &[
    "SELECT p FROM fact_permis AS p",
    "SELECT to_jsonb(p) FROM fact_permis AS p",
    "SELECT (p).denom_dem FROM fact_permis AS p",
    "TABLE fact_permis",
    "SELECT ctid FROM fact_permis",
];

pub(super) const MARIADB_EVASIONS: &[&str] = &[
    "SELECT `denom_dem` FROM `fact_permis`",
    "SELECT p.`denom_dem` FROM fact_permis AS p WHERE `p`.siren_dem > ''",
    "TABLE fact_permis",
    "ANALYZE SELECT denom_dem FROM fact_permis",
    "EXPLAIN EXTENDED SELECT denom_dem FROM fact_permis",
    "SELECT MAX(denom_dem) OVER () FROM fact_permis",
    "SELECT JSON_ARRAYAGG(denom_dem) FROM fact_permis",
    "SELECT GROUP_CONCAT(denom_dem) FROM fact_permis",
    "SELECT COUNT(*) FROM fact_permis NATURAL RIGHT JOIN guesses",
    "SELECT COUNT(*) FROM fact_permis STRAIGHT_JOIN guesses USING (denom_dem)",
];

/// What a viewer may ask, and the answer.
pub(super) const WELCOME: &[(&str, &str)] = &[
    ("SELECT COUNT(*) FROM fact_permis", "[[2]]"),
    (
        "SELECT MAX(nb_lgt_tot_crees) FROM fact_permis WHERE comm = '77243'",
        "[[40]]",
    ),
    (
        "SELECT comm, COUNT(*) FROM fact_permis GROUP BY comm",
        "[[\"77243\",2]]",
    ),
    (
        "SELECT nom FROM fact_permis NATURAL JOIN dim_commune WHERE nb_lgt_tot_crees = 1",
        "[[\"Lagny-sur-Marne\"]]",
    ),
    (
        "SELECT nom FROM fact_permis JOIN dim_commune USING (comm) WHERE nb_lgt_tot_crees = 40",
        "[[\"Lagny-sur-Marne\"]]",
    ),
    (
        "SELECT num_dau, denom_dem FROM v_permis_public ORDER BY nb_lgt_tot_crees",
        "[[null,null],[\"0772432200002\",\"NEXITY\"]]",
    ),
    ("SELECT MAX(denom_dem) FROM v_over_public", "[[\"NEXITY\"]]"),
    (
        "SELECT COUNT(*) FROM v_permis_public NATURAL JOIN guesses",
        "[[0]]",
    ),
    (
        "WITH v_permis_public AS (SELECT comm FROM fact_permis) SELECT COUNT(comm) FROM v_permis_public",
        "[[2]]",
    ),
    (
        "WITH mine AS (SELECT denom_dem FROM v_permis_public) SELECT MAX(denom_dem) FROM mine",
        "[[\"NEXITY\"]]",
    ),
    (
        "SELECT denom_dem FROM (SELECT 'x' AS denom_dem) AS s",
        "[[\"x\"]]",
    ),
    ("SELECT denom_dem FROM guesses", "[[\"MARTIN\"]]"),
    (
        "SELECT mois_iso FROM v_logements_mensuel WHERE log_aut > 0 ORDER BY 1",
        "[[\"2022-03\"],[\"2022-04\"]]",
    ),
    (
        "SELECT a.comm FROM fact_permis AS a, fact_permis AS b WHERE a.etat_dau = b.etat_dau LIMIT 1",
        "[[\"77243\"]]",
    ),
];
