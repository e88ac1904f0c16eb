//! What is published by year against queries of the annual table: of the authority, the department and the region.

use crate::engines::{AUTHORITY, Engine, engines};

/// Every kind of dwelling, and the whole of them, as the annual table names it.
const WHOLE: &[&str] = &["Tous"];
const HOUSES: &[&str] = &["Indiv_pur", "Indiv_groupe"];

/// An indicator of the annual table: its name, what is summed over which kinds of dwelling, what that is divided by for
/// the whole of them, the scale, and half of its last digit.
type Published = (
    &'static str,
    &'static str,
    &'static [&'static str],
    Option<&'static str>,
    f64,
    f64,
);

const PUBLISHED: [Published; 6] = [
    ("logements_autorises", "log_aut", WHOLE, None, 1.0, 0.0),
    ("logements_commences", "log_com", WHOLE, None, 1.0, 0.0),
    (
        "part_collectif",
        "log_aut",
        &["Collectif"],
        Some("log_aut"),
        100.0,
        0.05,
    ),
    (
        "part_individuel",
        "log_aut",
        HOUSES,
        Some("log_aut"),
        100.0,
        0.05,
    ),
    (
        "part_residence",
        "log_aut",
        &["Residence"],
        Some("log_aut"),
        100.0,
        0.05,
    ),
    (
        "taille_moyenne_logement",
        "sdp_aut",
        WHOLE,
        Some("log_aut"),
        1.0,
        0.05,
    ),
];

/// Σ of a column over kinds of dwelling in a year; of an authority over its communes.
async fn sum(engine: &Engine, column: &str, kinds: &[&str], territory: &str, year: i32) -> f64 {
    let of = if territory == AUTHORITY {
        format!("IN (SELECT comm FROM dim_commune WHERE epci_siren = '{AUTHORITY}')")
    } else {
        format!("= '{territory}'")
    };
    let sql = format!(
        "SELECT SUM({column}) FROM fact_logements_annuel WHERE territoire {of} AND annee = {year} \
         AND type_lgt IN ('{}')",
        kinds.join("', '")
    );
    engine.number(&sql).await
}

#[tokio::test]
async fn every_published_figure_of_authority_department_and_region_is_that_of_the_table() {
    for engine in engines().await {
        for (name, column, kinds, divisor, scale, half) in PUBLISHED {
            for territory in [AUTHORITY, "D77", "R11"] {
                for year in [2017, 2022] {
                    let mut expected = scale * sum(&engine, column, kinds, territory, year).await;
                    if let Some(divisor) = divisor {
                        expected /= sum(&engine, divisor, WHOLE, territory, year).await;
                    }
                    let told = engine.at(name, &year.to_string(), territory).await;
                    let value = told["value"].as_f64().unwrap();
                    assert!(
                        (value - expected).abs() <= half + 1e-9,
                        "{} {name} {territory} {year}: {value} is not {expected}",
                        engine.name
                    );
                    assert_eq!(told["synthetic"], false, "{name} {territory} {year}");
                }
            }
        }
    }
}

#[tokio::test]
async fn starts_over_authorisations_of_department_and_region_are_those_of_the_table() {
    for engine in engines().await {
        for territory in ["D77", "R11"] {
            let starts = sum(&engine, "log_com", WHOLE, territory, 2018).await;
            let authorised = sum(&engine, "log_aut", WHOLE, territory, 2018).await;
            let told = engine.at("taux_transformation", "2018", territory).await;
            let value = told["value"].as_f64().unwrap();
            let expected = 100.0 * starts / authorised;
            assert!(
                (value - expected).abs() <= 0.05 + 1e-9,
                "{territory}: {value} is not {expected}"
            );
        }
    }
}
