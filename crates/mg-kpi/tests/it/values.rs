//! The published figures, and what an answer says with them.

use serde_json::{Value, json};

use crate::engines::{AUTHORITY, engines, engines_of_its_own};

/// Dwellings authorised in the whole authority, 2011 to 2024.
const AUTHORISED: [i64; 14] = [
    1618, 518, 1545, 1123, 936, 1966, 2195, 1230, 746, 1294, 1124, 1564, 1311, 929,
];
/// Dwellings started, 2011 to 2023.
const STARTED: [i64; 13] = [
    1337, 645, 705, 880, 554, 983, 1393, 2070, 770, 433, 1061, 727, 1133,
];

#[tokio::test]
async fn dwellings_authorised_in_2022_are_1564_with_all_that_goes_with_the_number() {
    for engine in engines().await {
        let told = engine
            .ask(json!({"name": "logements_autorises", "date": "2022"}))
            .await
            .ok();
        assert_eq!(
            (&told["value"], &told["status"], &told["unit"]),
            (&json!(1564), &json!("final"), &json!("logements"))
        );
        assert_eq!(
            told["territory"],
            json!({"code": AUTHORITY, "name": "CA Marne et Gondoire"})
        );
        assert_eq!(
            told["period"],
            json!({"label": "2022", "start": "2022-01-01", "end": "2022-12-31", "grain": "year"})
        );
        assert_eq!(
            (&told["vintage"], &told["synthetic"]),
            (&json!("2026-03"), &json!(false))
        );
        assert_eq!(told["licence"], "Licence Ouverte 2.0");
        assert!(
            told["source"]
                .as_str()
                .unwrap()
                .starts_with("SDES, Sit@del2"),
            "{told}"
        );
        assert_eq!(told["inputs"].as_array().unwrap().len(), 1);
        assert_eq!(told["previous_period"]["value"], 1124);
        assert_eq!(told["year_ago"]["period"]["label"], "2021");
        assert_eq!(
            (&told["target"]["value"], &told["target"]["reached"]),
            (&json!(1250), &json!(125.1))
        );
        assert!(
            told["target"]["origin"]
                .as_str()
                .unwrap()
                .contains("fictif"),
            "{told}"
        );
        assert_eq!(told.get("sample_size"), None, "{}", engine.name);
    }
}

#[tokio::test]
async fn every_published_year_is_told_as_published() {
    for engine in engines().await {
        for (year, dwellings) in (2011..).zip(AUTHORISED) {
            let told = engine.get("logements_autorises", &year.to_string()).await;
            assert_eq!(
                (&told["value"], &told["synthetic"]),
                (&json!(dwellings), &json!(false)),
                "{year}"
            );
        }
        for (year, dwellings) in (2011..).zip(STARTED) {
            assert_eq!(
                engine.get("logements_commences", &year.to_string()).await["value"],
                json!(dwellings),
                "{year}"
            );
        }
    }
}

#[tokio::test]
async fn the_twelve_months_of_2022_add_up_to_the_year_and_say_that_they_are_synthetic() {
    for engine in engines().await {
        let mut sum = 0;
        for month in 1..=12 {
            let told = engine
                .get("logements_autorises", &format!("2022-{month:02}"))
                .await;
            sum += told["value"].as_i64().unwrap();
            assert_eq!(
                (&told["synthetic"], &told["vintage"]),
                (&json!(true), &json!("2026-10"))
            );
            assert!(
                told["notes"][0].as_str().unwrap().contains("SYNTHÉTIQUES"),
                "{told}"
            );
        }
        assert_eq!(sum, 1564, "{}", engine.name);
        let quarters = engine.get("logements_autorises", "2022-T1").await["value"]
            .as_i64()
            .unwrap()
            + engine.get("logements_autorises", "2022-04/2022-12").await["value"]
                .as_i64()
                .unwrap();
        assert_eq!(quarters, 1564);
    }
}

#[tokio::test]
async fn the_communes_add_up_to_the_authority() {
    for engine in engines().await {
        let communes = [
            "Bussy-Saint-Georges",
            "Montévrain",
            "Lagny-sur-Marne",
            "Carnetin",
        ];
        for date in ["2022", "2022-05"] {
            for commune in communes {
                let told = engine.at("logements_autorises", date, commune).await;
                let (code, months) = (
                    told["territory"]["code"].as_str().unwrap(),
                    told["period"]["label"].clone(),
                );
                let (from, to) = (
                    told["period"]["start"].as_str().unwrap(),
                    told["period"]["end"].as_str().unwrap(),
                );
                let sql = format!(
                    "SELECT COALESCE(SUM(nb_lgt_tot_crees), 0) FROM fact_permis WHERE fichier = 'logements' AND etat_dau <> 4 \
                     AND comm = '{code}' AND date_reelle_autorisation BETWEEN '{from}' AND '{to}'"
                );
                let difference = told["value"].as_f64().unwrap() - engine.number(&sql).await;
                assert!(difference.abs() < 1e-9, "{commune} {months}");
            }
        }
    }
}

#[tokio::test]
async fn what_the_annual_table_does_not_hold_is_summed_from_months() {
    for engine in engines().await {
        let year = engine.get("logements_autorises", "2025").await;
        let mut sum = 0;
        for quarter in 1..=4 {
            sum += engine
                .get("logements_autorises", &format!("2025-T{quarter}"))
                .await["value"]
                .as_i64()
                .unwrap();
        }
        assert_eq!(
            (&year["value"], &year["synthetic"]),
            (&json!(sum), &json!(true))
        );
        assert!(year["sample_size"].as_u64().unwrap() > 50);
    }
}

#[tokio::test]
async fn department_region_and_country_answer_from_their_own_rows() {
    for engine in engines().await {
        assert_eq!(
            engine.at("logements_autorises", "2017", "D77").await["value"],
            13_379
        );
        assert_eq!(
            engine
                .at("logements_autorises", "latest", "Seine-et-Marne")
                .await["value"],
            6078
        );
        assert_eq!(
            engine
                .at("logements_autorises", "2024", "ile de france")
                .await["value"],
            56_686
        );
        let france = engine
            .at("logements_autorises_cumul12", "latest", "FR")
            .await;
        assert_eq!(
            (&france["value"], &france["period"]["end"]),
            (&json!(370_400), &json!("2026-07-31"))
        );
        assert_eq!(
            (&france["status"], &france["synthetic"]),
            (&json!("provisional"), &json!(false))
        );
        let december = engine.at("logements_autorises_cumul12", "2022", "FR").await;
        assert_eq!(
            december["value"],
            engine
                .at("logements_autorises_cumul12", "2022-12", "FR")
                .await["value"]
        );
    }
}

#[tokio::test]
async fn a_target_is_prorated_by_months_and_added_up_over_years() {
    for engine in engines().await {
        let target = async |date: &str, territory: &str| {
            engine.at("logements_autorises", date, territory).await["target"].clone()
        };
        assert_eq!(target("2022-T1", AUTHORITY).await["value"], 312.5);
        assert_eq!(target("2020/2022", AUTHORITY).await["value"], 3750);
        assert_eq!(target("2022", "Lagny").await["value"], 150);
        assert_eq!(target("2012", AUTHORITY).await, Value::Null);
        assert_eq!(target("2022", "Carnetin").await, Value::Null);
        assert_eq!(target("2026", AUTHORITY).await["reached"], Value::Null);
    }
}

#[tokio::test]
async fn every_engine_tells_the_same() {
    let [first, others @ ..] = &engines().await[..] else {
        return;
    };
    for name in [
        "logements_autorises",
        "permis_autorises",
        "part_collectif",
        "taille_moyenne_logement",
        "avancement_plh",
    ] {
        for date in ["latest", "2021", "2022-T3", "2023-05", "2024"] {
            for territory in [AUTHORITY, "Montévrain", "77062", "D77"] {
                let asked = json!({"name": name, "date": date, "territory": territory});
                let told = first.ask(asked.clone()).await;
                for other in others {
                    let same = other.ask(asked.clone()).await;
                    assert_eq!(
                        (&same.text, &same.data),
                        (&told.text, &told.data),
                        "{asked}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn a_release_that_was_kept_is_told_and_another_is_answered_with_those_that_are() {
    for engine in engines_of_its_own().await {
        let row = "INSERT INTO kpi_value (kpi_code, territoire, periode, grain, millesime, valeur, statut, nb_obs, calcule_le) \
                   VALUES ('logements_autorises', '247700594', '2022-01-01', 'year', '2025-09', 1500, 'provisional', NULL, '2025-09-30T00:00:00Z')";
        engine.change(row, &[]).await;
        let of = async |vintage: &str| {
            engine
                .ask(json!({"name": "logements_autorises", "date": "2022", "vintage": vintage}))
                .await
        };
        let kept = of("2025-09").await.ok();
        assert_eq!(
            (&kept["value"], &kept["status"], &kept["vintage"]),
            (&json!(1500), &json!("provisional"), &json!("2025-09"))
        );
        assert_eq!(
            (&kept["target"]["reached"], kept.get("previous_period")),
            (&json!(120), None)
        );
        engine
            .change(
                &row.replace("2022-01-01", "2021-01-01")
                    .replace("1500", "1100"),
                &[],
            )
            .await;
        let kept = of("2025-09").await.ok();
        for neighbour in ["previous_period", "year_ago"] {
            assert_eq!(
                (&kept[neighbour]["value"], &kept[neighbour]["status"]),
                (&json!(1100), &json!("provisional")),
                "{neighbour}"
            );
        }
        assert_eq!(of("2026-03").await.ok()["value"], 1564);
        let refusal = of("2020-01").await.refusal();
        assert!(
            refusal.contains("2025-09") && refusal.contains("2026-03"),
            "{refusal}"
        );
    }
}
