//! Indicators whose tables the demo leaves empty, on rows of the shape that the loaders write.

use serde_json::{Value, json};

use crate::engines::{AUTHORITY, Engine, engines_of_its_own};

pub(crate) const COMMUNES: [&str; 3] = ["77243", "77307", "77058"];

/// Loads rows `(table, columns, values)`.
pub(crate) async fn insert(engine: &Engine, table: &str, columns: &str, rows: &[String]) {
    for row in rows {
        let sql = format!("INSERT INTO {table} ({columns}) VALUES ({row})");
        engine.change(&sql, &[]).await;
    }
}

/// Says that a file covers a measure in some territories for a year, or several.
pub(crate) async fn covered(
    engine: &Engine,
    measure: &str,
    years: (i32, i32),
    territories: &[&str],
) {
    let file = format!(
        "'{measure}', 'Jeu {measure}', 'Licence Ouverte 2.0', '2026-04', 0, '2026-05-01T00:00:00Z'"
    );
    insert(
        engine,
        "source_fichier",
        "fichier_id, jeu, licence, millesime, synthetique, charge_le",
        &[file],
    )
    .await;
    let rows: Vec<_> = territories
        .iter()
        .map(|code| {
            format!(
                "'{measure}', 'x', '{measure}', '{code}', '{}-01-01', '{}-12-31'",
                years.0, years.1
            )
        })
        .collect();
    insert(
        engine,
        "source_couverture",
        "fichier_id, jeu, mesure, territoire, debut, fin",
        &rows,
    )
    .await;
}

/// Figures of communes: `(commune, year, code, value)`; no value where the producer withholds it.
async fn figures(engine: &Engine, file: &str, rows: &[(&str, i32, &str, Option<f64>)]) {
    let rows: Vec<_> = rows
        .iter()
        .map(|(commune, year, code, value)| {
            let told = value.map_or("NULL".into(), |value| value.to_string());
            let secret = u8::from(value.is_none());
            format!("'{commune}', {year}, '{code}', {told}, {secret}, '{file}'")
        })
        .collect();
    let columns = "comm, annee, indicateur, valeur, secret_stat, fichier_id";
    insert(engine, "fact_indicateur_commune", columns, &rows).await;
}

/// The authority of three communes only, so that a sum can be whole.
pub(crate) async fn with_three_communes() -> Vec<Engine> {
    let engines = engines_of_its_own().await;
    for engine in &engines {
        let others = "UPDATE dim_commune SET epci_siren = NULL WHERE comm NOT IN ('77243', '77307', '77058')";
        engine.change(others, &[]).await;
        let others = "UPDATE dim_territoire SET parent = 'D77' WHERE niveau = 'commune' AND territoire NOT IN ('77243', '77307', '77058')";
        engine.change(others, &[]).await;
    }
    engines
}

#[tokio::test]
async fn what_the_producer_withholds_is_secret_and_not_zero() {
    for engine in with_three_communes().await {
        covered(&engine, "pp_vacant_plus_2ans", (2025, 2026), &COMMUNES).await;
        let parc = [("77243", 10_000.0), ("77307", 6_000.0), ("77058", 11_000.0)];
        let mut rows = Vec::new();
        for (commune, dwellings) in parc {
            rows.push((commune, 2024, "ff_pp_total", Some(dwellings)));
            rows.push((commune, 2025, "ff_pp_total", Some(dwellings + 100.0)));
            rows.push((commune, 2025, "pp_vacant_plus_2ans", Some(100.0)));
        }
        rows.push(("77243", 2026, "pp_vacant_plus_2ans", Some(120.0)));
        rows.push(("77307", 2026, "pp_vacant_plus_2ans", None));
        rows.push(("77058", 2026, "pp_vacant_plus_2ans", Some(90.0)));
        figures(&engine, "pp_vacant_plus_2ans", &rows).await;
        let at = async |date: &str, territory: &str| {
            engine
                .at("taux_vacance_structurelle", date, territory)
                .await
        };
        assert_eq!(at("2025", AUTHORITY).await["value"], 1.11);
        assert_eq!(at("latest", "Lagny").await["value"], 1.19);
        let secret = at("2026", "Montévrain").await;
        assert_eq!(
            (&secret["value"], &secret["status"]),
            (&Value::Null, &json!("secret"))
        );
        let partial = at("2026", AUTHORITY).await;
        assert_eq!(
            (&partial["value"], &partial["status"]),
            (&Value::Null, &json!("partial"))
        );
        assert!(
            partial["notes"]
                .to_string()
                .contains("secret statistique du producteur pour : Montévrain"),
            "{partial}"
        );
    }
}

#[tokio::test]
async fn a_row_that_is_not_there_is_not_known_where_nothing_is_filled_in() {
    for engine in with_three_communes().await {
        covered(&engine, "emploi_lt", (2022, 2022), &COMMUNES).await;
        let rows = [
            ("77243", 2022, "emploi_lt", Some(9_000.0)),
            ("77307", 2022, "emploi_lt", Some(5_000.0)),
        ];
        figures(&engine, "emploi_lt", &rows).await;
        let told = engine.get("emploi", "2022").await;
        assert_eq!(
            (&told["value"], &told["status"]),
            (&Value::Null, &json!("partial"))
        );
        assert!(
            told["notes"].to_string().contains("Bussy-Saint-Georges"),
            "{told}"
        );
        assert_eq!(engine.at("emploi", "latest", "Lagny").await["value"], 9000);
        figures(
            &engine,
            "emploi_lt",
            &[("77058", 2022, "emploi_lt", Some(12_000.0))],
        )
        .await;
        assert_eq!(engine.get("emploi", "latest").await["value"], 26_000);
    }
}

#[tokio::test]
async fn social_housing_is_that_of_the_communes_under_the_law() {
    for engine in with_three_communes().await {
        covered(&engine, "sru_lls", (2024, 2024), &COMMUNES).await;
        engine.change("UPDATE dim_commune SET soumise_sru = 1, taux_sru_cible = 25 WHERE comm IN ('77243', '77307')", &[]).await;
        let rows = [
            ("77243", 2024, "sru_lls", Some(2_000.0)),
            ("77243", 2024, "sru_residences_principales", Some(10_001.0)),
            ("77307", 2024, "sru_lls", Some(1_900.0)),
            ("77307", 2024, "sru_residences_principales", Some(6_000.0)),
        ];
        figures(&engine, "sru_lls", &rows).await;
        let at = async |name: &str, territory: &str| engine.at(name, "2024", territory).await;
        assert_eq!(at("taux_lls_sru", "Lagny").await["value"], 20);
        assert_eq!(at("taux_lls_sru", AUTHORITY).await["value"], 24.37);
        // 25 % of 10 001 are 2 500.25; Montévrain's surplus of 400 makes up for nothing.
        assert_eq!(at("ecart_sru", "Lagny").await["value"], 500);
        assert_eq!(at("ecart_sru", "Montévrain").await["value"], 0);
        assert_eq!(at("ecart_sru", AUTHORITY).await["value"], 500);
        let outside = at("taux_lls_sru", "Bussy-Saint-Georges").await;
        assert_eq!(
            outside["value"],
            Value::Null,
            "not under the law: {outside}"
        );
    }
}

#[tokio::test]
async fn main_residences_that_are_not_published_are_derived_from_number_and_rate() {
    for engine in with_three_communes().await {
        covered(&engine, "sru_lls", (2025, 2025), &COMMUNES).await;
        let rows = [
            ("77243", 2025, "sru_lls", Some(2_002.0)),
            ("77243", 2025, "sru_taux", Some(20.02)),
            ("77243", 2025, "sru_taux_cible", Some(25.0)),
            ("77307", 2025, "sru_lls", Some(1_900.0)),
            ("77307", 2025, "sru_taux", Some(31.67)),
            ("77307", 2025, "sru_taux_cible", Some(25.0)),
        ];
        figures(&engine, "sru_lls", &rows).await;
        let at = async |name: &str, territory: &str| {
            engine.at(name, "2025", territory).await["value"].clone()
        };
        assert_eq!(at("taux_lls_sru", "Lagny").await, 20.02, "{}", engine.name);
        assert_eq!(at("taux_lls_sru", "Montévrain").await, 31.67);
        // 3 902 of 10 000 and 5 999.4.
        assert_eq!(at("taux_lls_sru", AUTHORITY).await, 24.39);
        assert_eq!(at("ecart_sru", "Lagny").await, 498);
        assert_eq!(at("ecart_sru", AUTHORITY).await, 498);
        // Without a dwelling the rate says nothing of the residences.
        engine.change("UPDATE fact_indicateur_commune SET valeur = 0 WHERE comm = '77307' AND indicateur <> 'sru_taux_cible'", &[]).await;
        let unknown = engine.at("taux_lls_sru", "2025", "Montévrain").await;
        assert_eq!(
            (&unknown["value"], &unknown["status"]),
            (&Value::Null, &json!("missing")),
            "{unknown}"
        );
    }
}

#[tokio::test]
async fn a_median_of_others_is_told_as_published_and_never_made_from_communes() {
    for engine in with_three_communes().await {
        for (name, measure, commune, authority) in [
            ("revenu_median", "med_sl", 25_430.0, 26_010.0),
            ("loyer_annonce_m2", "loypredm2", 17.5, 16.3),
            ("taux_pauvrete", "pr_md60", 11.2, 9.8),
        ] {
            covered(&engine, measure, (2021, 2022), &COMMUNES).await;
            let rows: Vec<_> = COMMUNES
                .iter()
                .map(|code| (*code, 2022, measure, Some(commune)))
                .collect();
            figures(&engine, measure, &rows).await;
            let told = engine.at(name, "2022", "Lagny").await;
            assert_eq!(told["value"].as_f64(), Some(commune), "{told}");
            for date in ["2022", "latest"] {
                let whole = engine.get(name, date).await;
                assert_eq!(
                    (&whole["value"], &whole["status"]),
                    (&Value::Null, &json!("missing"))
                );
                let notes = whole["notes"].to_string();
                assert!(
                    notes.contains("ne se recalcule pas à partir des communes")
                        && notes.contains("compare_territories"),
                    "{whole}"
                );
            }
            published(&engine, measure, authority).await;
            let told = engine.get(name, "2022").await;
            assert_eq!(
                told["value"].as_f64(),
                Some(authority),
                "{} {told}",
                engine.name
            );
        }
    }
}

/// A figure of 2022 that its producer gives for the whole authority.
async fn published(engine: &Engine, measure: &str, value: f64) {
    let figure = format!("'{measure}', '{AUTHORITY}', '2022-01-01', 'year', {value}, '{measure}'");
    let columns = "serie, territoire, periode, grain, valeur, fichier_id";
    insert(engine, "fact_serie", columns, &[figure]).await;
    let covers =
        format!("'{measure}', 'x', '{measure}', '{AUTHORITY}', '2022-01-01', '2022-12-31'");
    let columns = "fichier_id, jeu, mesure, territoire, debut, fin";
    insert(engine, "source_couverture", columns, &[covers]).await;
}

#[tokio::test]
async fn rents_and_poverty_are_told_by_commune() {
    for engine in with_three_communes().await {
        for (measure, name, value) in [
            ("loypredm2", "loyer_annonce_m2", 17.46),
            ("pr_md60", "taux_pauvrete", 11.2),
        ] {
            covered(&engine, measure, (2024, 2024), &COMMUNES).await;
            figures(&engine, measure, &[("77243", 2024, measure, Some(value))]).await;
            let told = engine.at(name, "2024", "Lagny").await;
            let rounded = (value * 10.0).round() / 10.0;
            assert_eq!(told["value"], json!(rounded), "{name}");
            assert_eq!(
                engine.at(name, "2024", "Montévrain").await["status"],
                "missing"
            );
        }
    }
}

#[tokio::test]
async fn an_estimated_rent_tells_its_margin() {
    for engine in with_three_communes().await {
        covered(&engine, "loypredm2", (2024, 2025), &COMMUNES).await;
        for (commune, year, rent) in [
            ("77243", 2025, 17.46),
            ("77307", 2025, 20.0),
            ("77243", 2024, 17.0),
        ] {
            let rows = [
                (commune, year, "loypredm2", Some(rent)),
                (commune, year, "lwr_ipm2", Some(rent * 0.8)),
                (commune, year, "upr_ipm2", Some(rent * 1.2)),
            ];
            figures(&engine, "loypredm2", &rows).await;
        }
        let bare = [("77058", 2025, "loypredm2", Some(19.0))];
        figures(&engine, "loypredm2", &bare).await;
        let name = "loyer_annonce_m2";
        let told = engine.at(name, "2025", "Lagny").await;
        assert_eq!(told["value"], 17.5);
        let notes = told["notes"].to_string();
        let margin = "estimation : entre 14,0 et 21,0 selon son producteur";
        assert!(notes.contains(margin), "{}: {told}", engine.name);
        let bare = engine.at(name, "2025", "Bussy-Saint-Georges").await;
        assert_eq!(bare["value"], 19);
        assert!(!bare["notes"].to_string().contains("estimation"), "{bare}");
        let several = [
            ("get_series", json!({"name": name, "territory": "Lagny"})),
            ("compare_territories", json!({"name": name, "date": "2025"})),
        ];
        for (tool, asked) in several {
            let told = engine.client.call(tool, asked).await.ok();
            let notes = told["notes"].to_string();
            let within = "à ±\u{202f}20\u{a0}% près selon leur producteur";
            assert_eq!(notes.matches(within).count(), 1, "{tool}: {told}");
        }
    }
}

#[tokio::test]
async fn a_value_beyond_what_is_plausible_says_so() {
    for engine in with_three_communes().await {
        covered(&engine, "pr_md60", (2024, 2024), &COMMUNES).await;
        figures(
            &engine,
            "pr_md60",
            &[("77243", 2024, "pr_md60", Some(112.0))],
        )
        .await;
        let told = engine.at("taux_pauvrete", "2024", "Lagny").await;
        assert_eq!(told["value"], 112);
        assert!(
            told["notes"]
                .to_string()
                .contains("hors des bornes plausibles (0 – 100)"),
            "{told}"
        );
    }
}
