//! Every indicator of the catalogue against a query of its own.

use serde_json::{Value, json};

use crate::engines::{engines, engines_of_its_own};

const AUTHORISED: &str = "FROM fact_permis WHERE fichier = 'logements' AND etat_dau <> 4 \
    AND date_reelle_autorisation BETWEEN '2022-04-01' AND '2022-06-30'";

fn near(told: &Value, expected: f64, half: f64) {
    let value = told["value"].as_f64().unwrap();
    assert!(
        (value - expected).abs() <= half + 1e-9,
        "{value} is not {expected}: {told}"
    );
}

#[tokio::test]
async fn sums_ratios_and_counts_of_a_quarter_are_those_of_the_permits() {
    for engine in engines().await {
        let quarter = async |name: &str| engine.get(name, "2022-T2").await;
        let number = async |select: &str| engine.number(&format!("{select} {AUTHORISED}")).await;
        let dwellings = number("SELECT SUM(nb_lgt_tot_crees)").await;
        near(&quarter("logements_autorises").await, dwellings, 0.0);
        near(
            &quarter("part_collectif").await,
            100.0 * number("SELECT SUM(nb_lgt_col_hors_res)").await / dwellings,
            0.05,
        );
        near(
            &quarter("part_residence").await,
            100.0 * number("SELECT SUM(nb_lgt_res)").await / dwellings,
            0.05,
        );
        near(
            &quarter("taille_moyenne_logement").await,
            number("SELECT SUM(surf_hab_creee)").await / dwellings,
            0.05,
        );
        assert_eq!(
            quarter("part_collectif").await["sample_size"].as_f64(),
            Some(number("SELECT COUNT(*)").await)
        );
    }
}

#[tokio::test]
async fn starts_and_completions_go_by_their_own_dates() {
    for engine in engines().await {
        for (name, column) in [
            ("logements_commences", "date_reelle_doc"),
            ("logements_acheves", "date_reelle_daact"),
        ] {
            let sql = format!(
                "SELECT SUM(nb_lgt_tot_crees) FROM fact_permis WHERE fichier = 'logements' \
                 AND {column} BETWEEN '2022-04-01' AND '2022-06-30'"
            );
            near(
                &engine.get(name, "2022-T2").await,
                engine.number(&sql).await,
                0.0,
            );
        }
    }
}

#[tokio::test]
async fn a_permit_in_both_lists_counts_once() {
    for engine in engines().await {
        let both = "SELECT COUNT(*) FROM (SELECT type_dau, num_dau FROM fact_permis WHERE fichier IN ('logements', 'locaux') \
                    GROUP BY type_dau, num_dau HAVING COUNT(*) > 1) twice";
        assert!(
            engine.number(both).await > 0.0,
            "the demo has permits in both lists"
        );
        let distinct = "SELECT COUNT(*) FROM (SELECT DISTINCT type_dau, num_dau FROM fact_permis \
                        WHERE fichier IN ('logements', 'locaux') AND etat_dau <> 4 \
                        AND date_reelle_autorisation BETWEEN '2013-01-01' AND '2024-12-31') permits";
        near(
            &engine.get("permis_autorises", "2013/2024").await,
            engine.number(distinct).await,
            0.0,
        );
    }
}

#[tokio::test]
async fn the_published_ratios_of_2022_are_found() {
    for engine in engines().await {
        assert_eq!(engine.get("part_collectif", "2022").await["value"], 89.3);
        assert_eq!(
            engine.get("taille_moyenne_logement", "2022").await["value"],
            69.6
        );
        let rate = engine.get("construction_pour_1000_hab", "2022").await;
        assert_eq!(rate["value"], 14.2);
        assert!(
            rate["notes"][0]
                .as_str()
                .unwrap()
                .contains("année de référence 2022"),
            "{rate}"
        );
        assert_eq!(rate["inputs"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_rate_takes_the_nearest_population_and_none_that_is_too_far() {
    for engine in engines().await {
        let noted = async |date: &str| engine.get("construction_pour_1000_hab", date).await;
        assert!(
            noted("2024").await["notes"][0]
                .as_str()
                .unwrap()
                .contains("2023")
        );
        assert!(
            noted("2015").await["notes"][0]
                .as_str()
                .unwrap()
                .contains("2018")
        );
        let early = noted("2014").await;
        assert_eq!(
            (&early["value"], &early["status"]),
            (&Value::Null, &json!("missing"))
        );
        assert!(
            early["notes"][0]
                .as_str()
                .unwrap()
                .contains("Population municipale"),
            "{early}"
        );
        let department = engine.at("construction_pour_1000_hab", "2022", "D77").await;
        assert_eq!(department["status"], "missing");
    }
}

#[tokio::test]
async fn a_twelve_month_sum_is_the_year_in_december_and_the_months_elsewhere() {
    for engine in engines().await {
        let sum = async |date: &str| engine.get("logements_autorises_cumul12", date).await;
        assert_eq!(sum("2022").await["value"], 1564);
        assert_eq!(sum("2022-12").await["value"], 1564);
        let june = engine.get("logements_autorises", "2022-07/2023-06").await["value"].clone();
        assert_eq!(sum("2023-06").await["value"], june);
        assert_eq!(sum("2023-T2").await["value"], june);
        assert!(
            sum("2023-06").await["notes"]
                .to_string()
                .contains("juil. 2022–juin 2023")
        );
        assert_eq!(
            sum("2013-06").await["status"],
            "partial",
            "permits begin in 2013"
        );
    }
}

#[tokio::test]
async fn progress_is_what_was_authorised_since_the_plan_began_over_its_prorated_objective() {
    for engine in engines().await {
        let at =
            async |date: &str, territory: &str| engine.at("avancement_plh", date, territory).await;
        let three_years = at("2022", "247700594").await;
        assert_eq!(
            (&three_years["value"], &three_years["synthetic"]),
            (&json!(106.2), &json!(false))
        );
        assert!(
            three_years["notes"][0]
                .as_str()
                .unwrap()
                .starts_with("3\u{202f}982 autorisés"),
            "{three_years}"
        );
        assert_eq!(three_years["previous_period"]["value"], 96.7);
        assert_eq!(
            at("latest", "247700594").await["period"]["end"],
            "2025-12-31"
        );
        let before = at("2019", "247700594").await;
        assert_eq!(before["status"], "missing");
        assert!(
            before["notes"][0].as_str().unwrap().contains("2020–2025"),
            "{before}"
        );
        assert!(
            at("2022", "Lagny").await["notes"][0]
                .as_str()
                .unwrap()
                .contains("kpi_cible")
        );
    }
}

#[tokio::test]
async fn an_authority_with_rows_of_its_own_is_told_by_them() {
    for engine in engines_of_its_own().await {
        engine
            .change(
                "INSERT INTO fact_logements_annuel (territoire, annee, type_lgt, log_aut, fichier_id) \
                 VALUES ('247700594', 2022, 'Tous', 1600, 'sitadel_annuel')",
                &[],
            )
            .await;
        assert_eq!(
            engine.get("logements_autorises", "2022").await["value"],
            1564,
            "not covered: the communes count"
        );
        engine
            .change(
                "INSERT INTO source_couverture (fichier_id, jeu, mesure, territoire, debut, fin) \
                 VALUES ('sitadel_annuel', 'x', 'log_aut', '247700594', '2022-01-01', '2022-12-31')",
                &[],
            )
            .await;
        assert_eq!(
            engine.get("logements_autorises", "2022").await["value"],
            1600
        );
    }
}
