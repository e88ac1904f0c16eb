//! What is not known is never told as zero.

use serde_json::{Value, json};

use crate::engines::{AUTHORITY, Engine, engines, engines_of_its_own};

fn notes(told: &Value) -> String {
    told["notes"].to_string()
}

#[tokio::test]
async fn starts_of_2024_are_missing_and_not_zero() {
    for engine in engines().await {
        let answer = engine
            .ask(json!({"name": "logements_commences", "date": "2024"}))
            .await;
        assert!(
            answer
                .text
                .contains("donnée manquante (non publiée), pas zéro"),
            "{}",
            answer.text
        );
        let told = answer.ok();
        assert_eq!(
            (&told["value"], &told["status"]),
            (&Value::Null, &json!("missing"))
        );
        assert_eq!(told["previous_period"]["value"], 1133);
        assert!(notes(&told).contains("décembre 2023"), "{told}");
    }
}

#[tokio::test]
async fn every_month_of_starts_in_2024_is_missing_too() {
    for engine in engines().await {
        for month in 1..=12 {
            for territory in [AUTHORITY, "77307"] {
                let told = engine
                    .at(
                        "logements_commences",
                        &format!("2024-{month:02}"),
                        territory,
                    )
                    .await;
                assert_eq!(
                    (&told["value"], &told["status"]),
                    (&Value::Null, &json!("missing")),
                    "{month} {territory}"
                );
            }
        }
    }
}

#[tokio::test]
async fn the_latest_starts_are_of_december_2023() {
    for engine in engines().await {
        let told = engine.get("logements_commences", "latest").await;
        assert_eq!(
            (&told["period"]["end"], &told["status"]),
            (&json!("2023-12-31"), &json!("final"))
        );
        assert!(notes(&told).contains("ne sont pas calés"), "{told}");
        assert_eq!(
            engine.get("logements_acheves", "latest").await["period"]["end"],
            "2023-12-31"
        );
    }
}

#[tokio::test]
async fn a_covered_month_without_a_permit_is_zero_and_says_that_it_is_synthetic() {
    for engine in engines().await {
        let told = engine
            .at("logements_autorises", "2015-08", "Carnetin")
            .await;
        let empty = "SELECT COUNT(*) FROM fact_permis WHERE comm = '77062' AND date_reelle_autorisation BETWEEN '2015-08-01' AND '2015-08-31'";
        assert!(
            engine.number(empty).await < 1.0,
            "the demo has a permit there now: choose another month"
        );
        assert_eq!(
            (&told["value"], &told["sample_size"], &told["synthetic"]),
            (&json!(0), &json!(0), &json!(true))
        );
    }
}

#[tokio::test]
async fn a_year_that_is_not_over_is_partial_and_names_the_covered_months() {
    for engine in engines().await {
        let told = engine.get("logements_autorises", "2026").await;
        assert_eq!(
            (&told["value"], &told["status"]),
            (&Value::Null, &json!("partial"))
        );
        assert!(notes(&told).contains("janv.–oct. 2026"), "{told}");
    }
}

#[tokio::test]
async fn recent_months_are_provisional_by_their_release_and_not_by_the_clock() {
    for engine in engines().await {
        let status =
            async |date: &str| engine.get("logements_autorises", date).await["status"].clone();
        assert_eq!(status("2026-10").await, "provisional");
        assert_eq!(status("2026-05").await, "provisional");
        assert_eq!(status("2026-04").await, "final");
        assert_eq!(status("2026-11").await, "missing");
        assert_eq!(status("1990").await, "missing");
    }
}

#[tokio::test]
async fn a_commune_that_is_not_loaded_makes_the_sum_partial_and_is_named() {
    for engine in engines_of_its_own().await {
        engine
            .change(
                "DELETE FROM source_couverture WHERE territoire = '77307' AND mesure = 'log_aut'",
                &[],
            )
            .await;
        engine.change("DELETE FROM source_couverture WHERE territoire = '77307' AND mesure = 'date_reelle_autorisation'", &[]).await;
        let told = engine.get("logements_autorises", "2022").await;
        assert_eq!(
            (&told["value"], &told["status"]),
            (&Value::Null, &json!("partial"))
        );
        assert!(
            notes(&told).contains("données manquantes pour : Montévrain"),
            "{told}"
        );
        assert_eq!(
            engine.at("logements_autorises", "2022", "Montévrain").await["status"],
            "missing"
        );
        assert_eq!(
            engine.at("logements_autorises", "2022", "Lagny").await["status"],
            "final"
        );
    }
}

#[tokio::test]
async fn a_null_in_the_annual_table_is_not_zero() {
    for engine in engines_of_its_own().await {
        engine.change("UPDATE fact_logements_annuel SET log_aut = NULL WHERE territoire = '77062' AND annee = 2022", &[]).await;
        let told = engine.get("logements_autorises", "2022").await;
        assert_eq!(
            (&told["value"], &told["status"]),
            (&Value::Null, &json!("partial"))
        );
        assert!(notes(&told).contains("Carnetin"), "{told}");
    }
}

/// A commune and a month with this many permits.
async fn month_with(engine: &Engine, permits: u32) -> Option<(String, String)> {
    let sql = format!(
        "SELECT comm, SUBSTR(CAST(date_reelle_autorisation AS CHAR(10)), 1, 7) FROM fact_permis \
         WHERE fichier = 'logements' AND etat_dau <> 4 GROUP BY comm, SUBSTR(CAST(date_reelle_autorisation AS CHAR(10)), 1, 7) \
         HAVING COUNT(*) = {permits} ORDER BY 2, 1"
    );
    let rows = mg_db::store::Store::reader(&engine.owner)
        .fetch(&sql, &[])
        .await
        .unwrap();
    let row = rows.first()?;
    Some((
        row.text(0).unwrap().to_owned(),
        row.text(1).unwrap().to_owned(),
    ))
}

#[tokio::test]
async fn a_ratio_over_fewer_than_three_permits_of_a_commune_is_secret() {
    for engine in engines().await {
        for (permits, withheld) in [(1, true), (2, true), (3, false)] {
            let (commune, month) = month_with(&engine, permits).await.unwrap();
            for name in [
                "part_collectif",
                "part_residence",
                "taille_moyenne_logement",
            ] {
                let told = engine.at(name, &month, &commune).await;
                assert_eq!(
                    told["status"] == "secret",
                    withheld,
                    "{name} {commune} {month}: {told}"
                );
                assert_eq!(
                    told["value"].is_null(),
                    withheld,
                    "{name} {commune} {month}"
                );
            }
            let count = engine.at("logements_autorises", &month, &commune).await;
            assert!(
                count["value"].is_i64() && count["sample_size"] == permits,
                "{count}"
            );
        }
    }
}

#[tokio::test]
async fn a_ratio_over_nothing_is_not_defined_which_is_no_secret() {
    for engine in engines().await {
        let answer = engine
            .ask(json!({"name": "part_collectif", "date": "2015-08", "territory": "Carnetin"}))
            .await;
        assert!(
            answer.text.contains("août 2015\u{a0}: non défini."),
            "{}",
            answer.text
        );
        assert_eq!(
            (&answer.data["value"], &answer.data["status"]),
            (&Value::Null, &json!("final"))
        );
    }
}
