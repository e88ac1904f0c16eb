//! The traps of SITADEL, on genuine rows: state codes, provisional months.
//!
//! Reading its files, headers and all, is mg-scrape's and tested there; here a few lines of Rust put the genuine extract
//! into the table.

use mg_testkit::shared_data;
use serde_json::{Value, json};

use crate::engines::{Engine, engines_of_its_own};

const EXTRACT: &str = "domain/sitadel_logements_2026-01_toulouse_EXTRAIT.csv";
const COLUMNS: [&str; 14] = [
    "COMM",
    "TYPE_DAU",
    "NUM_DAU",
    "ETAT_DAU",
    "DATE_REELLE_AUTORISATION",
    "DATE_REELLE_DOC",
    "DATE_REELLE_DAACT",
    "DPC_PREM",
    "NB_LGT_TOT_CREES",
    "NB_LGT_COL_HORS_RES",
    "NB_LGT_RES",
    "SUPERFICIE_TERRAIN",
    "SURF_HAB_CREEE",
    "NB_LGT_PRET_LOC_SOCIAL",
];

/// The rows of the extract, column by column as in [`COLUMNS`]; an empty cell is none.
fn permits(text: &str) -> Vec<Vec<Option<String>>> {
    let mut lines = text.lines().skip(1);
    let cells = |line: &str| -> Vec<String> {
        line.split(';')
            .map(|cell| cell.trim_matches('"').to_owned())
            .collect()
    };
    let codes = cells(lines.next().unwrap());
    let places = COLUMNS.map(|name| codes.iter().position(|code| code == name).unwrap());
    lines
        .map(|line| {
            let cells = cells(line);
            let cell = |place: usize| Some(cells[place].clone()).filter(|cell| !cell.is_empty());
            places.into_iter().map(cell).collect()
        })
        .collect()
}

async fn load(engine: &Engine, permits: &[Vec<Option<String>>]) {
    for sql in [
        "INSERT INTO dim_commune (comm, nom, dep_code, reg_code) VALUES ('31555', 'Toulouse', '31', '76')",
        "INSERT INTO dim_territoire (territoire, niveau, nom) VALUES ('31555', 'commune', 'Toulouse')",
        "INSERT INTO source_fichier (fichier_id, jeu, licence, millesime, charge_le, synthetique) \
         VALUES ('toulouse', 'Sit@del2, extrait', 'Licence Ouverte 2.0', '2026-01', '2026-02-01T00:00:00Z', 0)",
        "INSERT INTO source_couverture (fichier_id, jeu, mesure, territoire, debut, fin) \
         VALUES ('toulouse', 'x', 'date_reelle_autorisation', '31555', '2013-01-01', '2025-12-31')",
    ] {
        engine.change(sql, &[]).await;
    }
    for permit in permits {
        let told: Vec<_> = permit
            .iter()
            .map(|cell| {
                cell.as_ref()
                    .map_or("NULL".into(), |cell| format!("'{cell}'"))
            })
            .collect();
        let sql = format!(
            "INSERT INTO fact_permis ({}, fichier, fichier_id) VALUES ({}, 'logements', 'toulouse')",
            COLUMNS.join(", ").to_lowercase(),
            told.join(", ")
        );
        engine.change(&sql, &[]).await;
    }
}

/// Σ dwellings of the permits of a year with a state that `counts`.
fn dwellings(permits: &[Vec<Option<String>>], year: &str, counts: fn(&str) -> bool) -> i64 {
    let of_year = permits.iter().filter(|permit| {
        permit[4].as_ref().unwrap().starts_with(year) && counts(permit[3].as_ref().unwrap())
    });
    of_year
        .map(|permit| permit[8].as_ref().unwrap().parse::<i64>().unwrap())
        .sum()
}

#[tokio::test]
async fn genuine_permits_of_toulouse_count_without_the_cancelled() {
    let Some(path) = shared_data(EXTRACT) else {
        return;
    };
    let permits = permits(&std::fs::read_to_string(path).unwrap());
    for engine in engines_of_its_own().await {
        load(&engine, &permits).await;
        let at = async |name: &str, date: &str| engine.at(name, date, "Toulouse").await;
        let year = at("logements_autorises", "2013").await;
        assert_eq!(
            year["value"],
            dwellings(&permits, "2013", |state| state != "4")
        );
        assert_eq!(
            (&year["synthetic"], &year["vintage"]),
            (&json!(false), &json!("2026-01"))
        );
        // 4 is cancelled; 5 started and 6 completed still count as authorised.
        let cancelled = dwellings(&permits, "2013", |state| state == "4");
        assert!(cancelled > 0);
        let rate = at("taux_annulation", "2013").await["value"]
            .as_f64()
            .unwrap();
        let all = dwellings(&permits, "2013", |_| true);
        #[expect(clippy::cast_precision_loss, reason = "a few dwellings")]
        let expected = 100.0 * cancelled as f64 / all as f64;
        assert!((rate - expected).abs() <= 0.05 + 1e-9, "{rate} {expected}");
    }
}

#[tokio::test]
async fn the_last_six_months_of_a_genuine_release_are_provisional() {
    let Some(path) = shared_data(EXTRACT) else {
        return;
    };
    let permits = permits(&std::fs::read_to_string(path).unwrap());
    for engine in engines_of_its_own().await {
        load(&engine, &permits).await;
        let status = async |date: &str| {
            engine.at("logements_autorises", date, "31555").await["status"].clone()
        };
        assert_eq!(status("2025-11").await, "provisional");
        assert_eq!(status("2025-08").await, "provisional");
        assert_eq!(status("2025-07").await, "final");
        assert_eq!(status("2026-01").await, "missing");
        let quiet = engine.at("logements_autorises", "2020-05", "31555").await;
        assert_eq!(
            (&quiet["value"], &quiet["status"]),
            (&json!(0), &json!("final"))
        );
        let unknown = engine.at("logements_commences", "2014", "31555").await;
        assert_eq!(
            unknown["value"],
            Value::Null,
            "starts of the extract are not covered"
        );
    }
}
