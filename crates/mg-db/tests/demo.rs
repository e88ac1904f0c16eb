//! The demo's rows in a real database: keys, limits, calibration, and the genuine files they come from.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use mg_db::Value;
use mg_db::demo::{DemoOptions, TableRows, tables};
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, params_from_iter};

const SCHEMA: &str = include_str!("../src/schema/0001_star.sql");

/// The authority's dwellings authorised, 2011 to 2024, as published.
const GOLDEN: [i64; 14] = [
    1618, 518, 1545, 1123, 936, 1966, 2195, 1230, 746, 1294, 1124, 1564, 1311, 929,
];

fn demo(extra_permits: usize) -> impl Iterator<Item = TableRows> {
    tables(&DemoOptions {
        extra_permits,
        loaded_at: "2026-11-22T08:00:00Z".into(),
    })
}

/// A database in memory with the schema and every row; foreign keys are checked at each insert.
fn database(extra_permits: usize) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch("PRAGMA foreign_keys = ON")
        .unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    connection.execute_batch("BEGIN").unwrap();
    for chunk in demo(extra_permits) {
        let marks = vec!["?"; chunk.columns.len()].join(", ");
        let insert = format!(
            "INSERT INTO {} ({}) VALUES ({marks})",
            chunk.table,
            chunk.columns.join(", ")
        );
        let mut statement = connection.prepare(&insert).unwrap();
        for row in &chunk.rows {
            let done = statement.execute(params_from_iter(row.iter().map(parameter)));
            assert!(done.is_ok(), "{} {row:?}: {done:?}", chunk.table);
        }
    }
    connection.execute_batch("COMMIT").unwrap();
    connection
}

fn parameter(value: &Value) -> ToSqlOutput<'_> {
    match value {
        Value::Null => rusqlite::types::Null.into(),
        Value::Integer(integer) => (*integer).into(),
        Value::Real(real) => (*real).into(),
        Value::Decimal(decimal) => decimal.to_string().into(),
        Value::Text(text) => text.as_str().into(),
    }
}

fn number(connection: &Connection, query: &str) -> i64 {
    connection.query_row(query, [], |row| row.get(0)).unwrap()
}

/// Two text columns and a number, by the first two.
fn numbers(connection: &Connection, query: &str) -> BTreeMap<(String, String), i64> {
    let mut statement = connection.prepare(query).unwrap();
    let rows = statement
        .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn every_row_has_a_value_a_column_and_chunks_stay_small() {
    for chunk in demo(12_345) {
        assert!(
            !chunk.rows.is_empty() && chunk.rows.len() <= 50_000,
            "{}",
            chunk.table
        );
        assert!(
            chunk
                .rows
                .iter()
                .all(|row| row.len() == chunk.columns.len()),
            "{}",
            chunk.table
        );
    }
}

#[test]
fn two_runs_make_the_same_rows() {
    assert!(demo(9_000).eq(demo(9_000)));
}

#[test]
fn texts_fit_the_columns_of_the_schema() {
    let connection = database(8_000);
    let limits = "SELECT t.name, c.name, CAST(SUBSTR(c.type, INSTR(c.type, '(') + 1) AS INTEGER)
                  FROM sqlite_schema t, pragma_table_info(t.name) c
                  WHERE t.type = 'table' AND c.type LIKE '%CHAR(%'";
    let limits = numbers(&connection, limits);
    assert!(limits.len() > 60, "{}", limits.len());
    for ((table, column), limit) in limits {
        let longest = number(
            &connection,
            &format!("SELECT COALESCE(MAX(LENGTH({column})), 0) FROM {table}"),
        );
        assert!(longest <= limit, "{table}.{column}: {longest} > {limit}");
    }
}

#[test]
fn annual_figures_of_the_authority_are_the_golden_ones() {
    let connection = database(0);
    for (year, dwellings) in (2011..).zip(GOLDEN) {
        let query = format!(
            "SELECT SUM(log_aut) FROM fact_logements_annuel JOIN dim_commune ON comm = territoire
             WHERE type_lgt = 'Tous' AND annee = {year}"
        );
        assert_eq!(number(&connection, &query), dwellings, "{year}");
    }
}

#[test]
fn permits_that_stand_add_up_to_the_annual_figures_by_commune_year_and_type() {
    let connection = database(0);
    let permits = |column: &str| {
        numbers(
            &connection,
            &format!(
                "SELECT comm, SUBSTR(date_reelle_autorisation, 1, 4) || ' ' || type_princip_logts_crees, SUM({column})
                 FROM fact_permis
                 WHERE fichier = 'logements' AND etat_dau <> 4 AND date_reelle_autorisation < '2025-01-01'
                 GROUP BY 1, 2"
            ),
        )
    };
    let published = |column: &str| {
        numbers(
            &connection,
            &format!(
                "SELECT territoire, annee || ' ' || CASE type_lgt WHEN 'Indiv_pur' THEN 1 WHEN 'Indiv_groupe' THEN 2
                        WHEN 'Collectif' THEN 3 ELSE 4 END, {column}
                 FROM fact_logements_annuel JOIN dim_commune ON comm = territoire
                 WHERE type_lgt <> 'Tous' AND annee >= 2013 AND log_aut > 0"
            ),
        )
    };
    assert_eq!(permits("nb_lgt_tot_crees"), published("log_aut"));
    assert_eq!(permits("surf_hab_creee"), published("sdp_aut"));
}

#[test]
fn the_twelve_months_of_2022_add_up_to_1564() {
    let connection = database(0);
    let query = "SELECT SUM(log_aut) FROM v_logements_mensuel WHERE mois_iso BETWEEN '2022-01' AND '2022-12'";
    assert_eq!(number(&connection, query), 1564);
}

#[test]
fn cancelled_permits_come_on_top() {
    let connection = database(0);
    let cancelled = number(
        &connection,
        "SELECT COUNT(*) FROM fact_permis WHERE fichier = 'logements' AND etat_dau = 4",
    );
    let all = number(
        &connection,
        "SELECT COUNT(*) FROM fact_permis WHERE fichier = 'logements'",
    );
    assert!(
        (10..=16).contains(&(cancelled * 100 / all)),
        "{cancelled} of {all}"
    );
}

#[test]
fn no_site_opens_or_closes_after_2023() {
    let connection = database(5_000);
    let query = "SELECT MAX(COALESCE(date_reelle_doc, '') || COALESCE(date_reelle_daact, '')) < '2024'
                    AND MAX(COALESCE(date_reelle_daact, '')) < '2024'
                    AND MAX(date_reelle_autorisation) BETWEEN '2026-10-01' AND '2026-10-31' FROM fact_permis";
    assert_eq!(number(&connection, query), 1);
}

#[test]
fn some_permits_stand_in_both_lists_and_count_once() {
    let connection = database(0);
    let twice =
        "SELECT COUNT(*) FROM (SELECT 1 FROM fact_permis WHERE fichier IN ('logements', 'locaux')
                 GROUP BY type_dau, num_dau HAVING COUNT(*) = 2)";
    let twice = number(&connection, twice);
    assert!((10..200).contains(&twice), "{twice}");
    let dwellings = number(
        &connection,
        "SELECT SUM(nb_lgt_tot_crees) FROM fact_permis WHERE fichier <> 'logements'",
    );
    assert_eq!(dwellings, 0);
}

#[test]
fn every_list_has_permits_and_every_permit_is_marked_synthetic() {
    let connection = database(0);
    for (list, at_least) in [
        ("logements", 1_500),
        ("locaux", 100),
        ("demolir", 80),
        ("amenager", 15),
    ] {
        let count = number(
            &connection,
            &format!("SELECT COUNT(*) FROM fact_permis WHERE fichier = '{list}'"),
        );
        assert!(count >= at_least, "{list}: {count}");
    }
    let unmarked = "SELECT COUNT(*) FROM fact_permis p JOIN source_fichier s USING (fichier_id) WHERE s.synthetique <> 1";
    assert_eq!(number(&connection, unmarked), 0);
    assert_eq!(
        number(&connection, "SELECT MIN(synthetique) FROM fact_permis"),
        1
    );
}

#[test]
fn the_public_view_names_companies_and_hides_persons() {
    let connection = database(0);
    assert!(number(&connection, "SELECT COUNT(denom_dem) FROM v_permis_public") > 100);
    let persons = "SELECT COUNT(denom_dem) FROM v_permis_public WHERE cat_dem < 20 OR cat_dem = 90";
    assert_eq!(number(&connection, persons), 0);
    let outside = "SELECT COUNT(*) FROM fact_permis WHERE siren_dem NOT BETWEEN '900000000' AND '900000999'
                   OR (siren_dem IS NULL) <> (denom_dem IS NULL) OR (siren_dem IS NULL) <> (cj_dem IS NULL)";
    assert_eq!(number(&connection, outside), 0);
}

#[test]
fn codes_of_permits_have_labels() {
    let connection = database(0);
    for column in [
        "type_dau",
        "etat_dau",
        "cat_dem",
        "zone_op",
        "nature_projet_completee",
        "utilisation",
        "residence",
    ] {
        let query = format!(
            "SELECT COUNT(*) FROM fact_permis WHERE {column} IS NOT NULL
             AND CAST({column} AS TEXT) NOT IN (SELECT code FROM dim_code WHERE variable = '{column}')"
        );
        assert_eq!(number(&connection, &query), 0, "{column}");
    }
}

#[test]
fn every_territory_named_is_known() {
    let connection = database(0);
    for (table, column) in [
        ("source_couverture", "territoire"),
        ("kpi_cible", "territoire"),
        ("dim_territoire", "parent"),
    ] {
        let query = format!(
            "SELECT COUNT(*) FROM {table} WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT territoire FROM dim_territoire)"
        );
        assert_eq!(number(&connection, &query), 0, "{table}");
    }
    let zones = "SELECT COUNT(*) FROM fact_permis p LEFT JOIN dim_zac z ON z.zac_id = p.zac_id AND z.comm = p.comm
                 WHERE p.zac_id IS NOT NULL AND z.zac_id IS NULL";
    assert_eq!(number(&connection, zones), 0);
}

#[test]
fn source_files_count_their_rows() {
    let connection = database(10_000);
    for table in [
        "fact_permis",
        "fact_logements_annuel",
        "fact_serie",
        "fact_population",
    ] {
        let query = format!(
            "SELECT COUNT(*) FROM (SELECT fichier_id, COUNT(*) AS counted FROM {table} GROUP BY fichier_id)
             NATURAL JOIN source_fichier WHERE counted <> nb_lignes"
        );
        assert_eq!(number(&connection, &query), 0, "{table}");
    }
    assert_eq!(
        number(&connection, "SELECT COUNT(*) FROM fact_permis"),
        10_000
    );
    assert_eq!(
        number(
            &connection,
            "SELECT COUNT(DISTINCT fichier_id) FROM fact_permis"
        ),
        2
    );
}

#[test]
fn figures_are_those_of_the_genuine_files() {
    let connection = database(0);
    let Some(folder) = genuine_files() else {
        return;
    };
    let annual =
        std::fs::read_to_string(folder.join("sitadel_logements_annuel_CAMG_2011_2024.csv"))
            .unwrap();
    for measure in ["log_aut", "log_com", "sdp_aut", "sdp_com"] {
        let heading: Vec<_> = annual.lines().next().unwrap().split(',').collect();
        let column = heading.iter().position(|name| *name == measure).unwrap();
        let genuine: BTreeMap<_, _> = annual
            .lines()
            .skip(1)
            .map(|line| line.split(',').collect::<Vec<_>>())
            .map(|fields| {
                let figure = fields[column]
                    .trim_end_matches(".0")
                    .parse::<i64>()
                    .unwrap();
                (
                    (fields[1].to_owned(), format!("{} {}", fields[0], fields[3])),
                    figure,
                )
            })
            .collect();
        let query = format!(
            "SELECT territoire, annee || ' ' || type_lgt, COALESCE({measure}, 0)
             FROM fact_logements_annuel JOIN dim_commune ON comm = territoire"
        );
        assert_eq!(numbers(&connection, &query), genuine, "{measure}");
    }
}

#[test]
fn national_sums_and_populations_are_those_of_the_genuine_files() {
    let connection = database(0);
    let Some(folder) = genuine_files() else {
        return;
    };
    let series = std::fs::read_to_string(
        folder.join("insee_bdm_logements_cumul12_france_2000-12_2026-07.csv"),
    )
    .unwrap();
    let genuine: BTreeMap<_, _> = series
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .map(|fields| {
            let (whole, tenth) = fields[3].split_once('.').unwrap_or((fields[3], "0"));
            let dwellings =
                whole.parse::<i64>().unwrap() * 1000 + tenth.parse::<i64>().unwrap() * 100;
            (
                (
                    format!("logements_{}_cumul12", fields[2]),
                    format!("{}-01", fields[0]),
                ),
                dwellings,
            )
        })
        .collect();
    assert_eq!(
        numbers(
            &connection,
            "SELECT serie, periode, CAST(valeur AS INTEGER) FROM fact_serie"
        ),
        genuine
    );
    let population =
        std::fs::read_to_string(folder.join("population_CAMG_by_package_year.csv")).unwrap();
    let genuine: BTreeMap<_, _> = population
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .map(|fields| {
            let year = (fields[0].parse::<i64>().unwrap() - 3).min(2022);
            (
                (fields[1].to_owned(), year.to_string()),
                fields[4].parse::<i64>().unwrap(),
            )
        })
        .collect();
    let query = "SELECT comm, CAST(annee_reference AS TEXT), population_municipale FROM fact_population WHERE annee_reference < 2023";
    assert_eq!(numbers(&connection, query), genuine);
}

/// The folder of the genuine files, where it lies beside the workspace.
fn genuine_files() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/domain");
    if !folder.is_dir() {
        eprintln!("skipped: the genuine files are not beside the workspace");
        return None;
    }
    Some(folder)
}
