//! Cohorts, medians, densities, zones and populations against queries of their own.

use jiff::civil::Date;
use mg_db::store::Store;
use serde_json::{Value, json};

use crate::engines::{Engine, engines};

fn near(told: &Value, expected: f64, half: f64) {
    let value = told["value"].as_f64().unwrap_or(f64::NAN);
    assert!(
        (value - expected).abs() <= half + 1e-9,
        "{value} is not {expected}: {told}"
    );
}

/// The pairs of texts that a query finds.
async fn pairs(engine: &Engine, sql: &str) -> Vec<(String, String)> {
    let rows = Store::reader(&engine.owner).fetch(sql, &[]).await.unwrap();
    let text = |row: &mg_db::store::Row, column| row.text(column).unwrap().trim().to_owned();
    rows.iter()
        .map(|row| (text(row, 0), text(row, 1)))
        .collect()
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    match numbers.len() % 2 {
        1 => numbers[middle],
        _ => f64::midpoint(numbers[middle - 1], numbers[middle]),
    }
}

fn days((since, until): &(String, String)) -> f64 {
    let [since, until] = [since, until].map(|day| day.parse::<Date>().unwrap());
    f64::from(since.until(until).unwrap().get_days())
}

#[tokio::test]
async fn a_cohort_is_followed_by_its_year_of_authorisation() {
    for engine in engines().await {
        let year = "fichier = 'logements' AND date_reelle_autorisation BETWEEN '2018-01-01' AND '2018-12-31'";
        let sum = async |where_: &str| {
            let sql =
                format!("SELECT SUM(nb_lgt_tot_crees) FROM fact_permis WHERE {year} {where_}");
            engine.number(&sql).await
        };
        let started = sum("AND etat_dau <> 4 AND date_reelle_doc IS NOT NULL").await;
        let transformed = engine.get("taux_transformation", "2018").await;
        near(
            &transformed,
            100.0 * started / sum("AND etat_dau <> 4").await,
            0.05,
        );
        assert_eq!(transformed["status"], "final");
        let cancelled = engine.get("taux_annulation", "2018").await;
        near(
            &cancelled,
            100.0 * sum("AND etat_dau = 4").await / sum("").await,
            0.05,
        );
    }
}

#[tokio::test]
async fn a_young_cohort_is_provisional_and_one_without_known_starts_is_missing() {
    for engine in engines().await {
        let young = engine.get("taux_transformation", "2022").await;
        assert_eq!(young["status"], "provisional");
        assert!(
            young["notes"]
                .to_string()
                .contains("suivie jusqu'à décembre 2023"),
            "{young}"
        );
        let unknown = engine.get("taux_transformation", "2024").await;
        assert_eq!(
            (&unknown["value"], &unknown["status"]),
            (&Value::Null, &json!("missing"))
        );
        let cancelled = engine.get("taux_annulation", "2024").await;
        assert_eq!(cancelled["status"], "provisional");
    }
}

#[tokio::test]
async fn the_published_starts_over_authorisations_of_2011_to_2023_are_73_9_percent() {
    for engine in engines().await {
        let told = engine.get("taux_transformation", "2011/2023").await;
        assert_eq!(
            (&told["value"], &told["synthetic"]),
            (&json!(73.9), &json!(false))
        );
        assert!(
            told["notes"].to_string().contains("non d'une cohorte"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn delays_are_the_medians_of_the_permits() {
    for engine in engines().await {
        for (name, since, until) in [
            (
                "delai_autorisation_chantier",
                "date_reelle_autorisation",
                "date_reelle_doc",
            ),
            (
                "delai_chantier_achevement",
                "date_reelle_doc",
                "date_reelle_daact",
            ),
        ] {
            for (date, from, to, where_) in [
                ("2021", "2021-01-01", "2021-12-31", ""),
                ("2020-T3", "2020-07-01", "2020-09-30", ""),
                (
                    "2015/2020",
                    "2015-01-01",
                    "2020-12-31",
                    "AND comm = '77307'",
                ),
            ] {
                let sql = format!(
                    "SELECT CAST({since} AS CHAR(10)), CAST({until} AS CHAR(10)) FROM fact_permis \
                     WHERE fichier = 'logements' AND etat_dau <> 4 AND {until} BETWEEN '{from}' AND '{to}' \
                     AND {since} IS NOT NULL AND {until} >= {since} {where_}"
                );
                let found = pairs(&engine, &sql).await;
                assert!(found.len() > 3, "{name} {date}: {}", found.len());
                let territory = if where_.is_empty() {
                    "247700594"
                } else {
                    "77307"
                };
                let told = engine.at(name, date, territory).await;
                near(&told, median(found.iter().map(days).collect()), 0.5);
                assert_eq!(told["sample_size"], found.len());
            }
        }
    }
}

#[tokio::test]
async fn the_time_to_decide_counts_months_from_the_first_record() {
    for engine in engines().await {
        let sql = "SELECT CAST(dpc_prem AS CHAR(10)), CAST(date_reelle_autorisation AS CHAR(10)) FROM fact_permis \
                   WHERE fichier = 'logements' AND etat_dau <> 4 AND dpc_prem IS NOT NULL \
                   AND date_reelle_autorisation BETWEEN '2022-01-01' AND '2022-12-31'";
        let index = |text: &str| {
            let number = |part: &str| part.parse::<f64>().unwrap();
            number(&text[..4]) * 12.0 + number(&text[5..7])
        };
        let months: Vec<f64> = pairs(&engine, sql)
            .await
            .iter()
            .map(|(since, until)| index(until) - index(since))
            .filter(|months| *months >= 0.0)
            .collect();
        assert!(months.len() > 20);
        let told = engine.get("delai_instruction_proxy", "2022").await;
        near(&told, median(months), 0.05);
    }
}

#[tokio::test]
async fn a_median_over_one_or_two_permits_of_a_commune_is_secret() {
    for engine in engines().await {
        let sql = "SELECT comm, SUBSTR(CAST(date_reelle_doc AS CHAR(10)), 1, 7) FROM fact_permis \
                   WHERE fichier = 'logements' AND etat_dau <> 4 AND date_reelle_doc >= date_reelle_autorisation \
                   AND date_reelle_doc < '2024-01-01' \
                   GROUP BY comm, SUBSTR(CAST(date_reelle_doc AS CHAR(10)), 1, 7) HAVING COUNT(*) = 2 ORDER BY 2, 1";
        let (commune, month) = pairs(&engine, sql).await.remove(0);
        let told = engine
            .at("delai_autorisation_chantier", &month, &commune)
            .await;
        assert_eq!(
            (&told["value"], &told["status"]),
            (&Value::Null, &json!("secret")),
            "{told}"
        );
    }
}

#[tokio::test]
async fn houses_density_premises_and_demolitions_are_those_of_the_permits() {
    let authorised = "FROM fact_permis WHERE etat_dau <> 4 AND date_reelle_autorisation BETWEEN '2022-04-01' AND '2022-06-30'";
    for engine in engines().await {
        let number = async |select: &str, where_: &str| {
            engine
                .number(&format!("SELECT {select} {authorised} AND {where_}"))
                .await
        };
        let told = async |name: &str| engine.get(name, "2022-T2").await;
        let dwellings = number("SUM(nb_lgt_tot_crees)", "fichier = 'logements'").await;
        let houses = number(
            "SUM(nb_lgt_indiv_purs + nb_lgt_indiv_groupes)",
            "fichier = 'logements'",
        )
        .await;
        near(
            &told("part_individuel").await,
            100.0 * houses / dwellings,
            0.05,
        );
        let land = "fichier = 'logements' AND superficie_terrain > 0";
        let density = 10_000.0 * number("SUM(nb_lgt_tot_crees)", land).await
            / number("SUM(superficie_terrain)", land).await;
        near(&told("densite_operation").await, density, 0.05);
        let premises = number(
            "SUM(COALESCE(surf_loc_creee, 0) + COALESCE(surf_loc_issue_transfo, 0))",
            "fichier = 'locaux'",
        )
        .await;
        near(&told("surface_activite_autorisee").await, premises, 0.0);
        let year = engine.get("demolitions", "2016").await;
        let demolishing = "FROM fact_permis WHERE etat_dau <> 4 AND date_reelle_autorisation BETWEEN '2016-01-01' AND '2016-12-31' \
                           AND (fichier = 'demolir' OR (fichier = 'logements' AND nb_lgt_demolis > 0))";
        near(
            &year,
            engine
                .number(&format!("SELECT SUM(nb_lgt_demolis) {demolishing}"))
                .await,
            0.0,
        );
        let permits = engine
            .number(&format!(
                "SELECT COUNT(*) {demolishing} AND fichier = 'demolir'"
            ))
            .await;
        assert_eq!(year["sample_size"].as_f64(), Some(permits));
        let all = engine
            .number(&format!("SELECT COUNT(*) {demolishing}"))
            .await;
        assert!(permits > 0.0 && all > permits, "the demo has both kinds");
    }
}

#[tokio::test]
async fn social_rental_says_how_far_it_is_filled_in() {
    let year = "FROM fact_permis WHERE fichier = 'logements' AND etat_dau <> 4 AND date_reelle_autorisation BETWEEN '2021-01-01' AND '2021-12-31'";
    for engine in engines().await {
        let number = async |select: &str| engine.number(&format!("SELECT {select} {year}")).await;
        let dwellings = number("SUM(nb_lgt_tot_crees)").await;
        let told = engine.get("part_social_autorise", "2021").await;
        near(
            &told,
            100.0 * number("SUM(nb_lgt_pret_loc_social)").await / dwellings,
            0.05,
        );
        let informed = number(
            "SUM(CASE WHEN nb_lgt_pret_loc_social IS NULL THEN 0 ELSE nb_lgt_tot_crees END)",
        )
        .await;
        assert!(informed < dwellings, "the demo leaves some out");
        let percent = format!("{:.1}", 100.0 * informed / dwellings).replace('.', ",");
        let note = format!("renseignée pour {percent}\u{a0}%");
        assert!(told["notes"].to_string().contains(&note), "{note}: {told}");
    }
}

#[tokio::test]
async fn zones_are_cumulated_since_the_data_begin_over_the_programmes_of_those_created() {
    for engine in engines().await {
        let authorised = async |where_: &str| {
            let sql = format!(
                "SELECT SUM(nb_lgt_tot_crees) FROM fact_permis WHERE fichier = 'logements' AND etat_dau <> 4 \
                 AND zac_id IS NOT NULL AND date_reelle_autorisation <= '2022-12-31' {where_}"
            );
            engine.number(&sql).await
        };
        let told = engine.get("avancement_zac", "2022").await;
        near(&told, 100.0 * authorised("").await / 9300.0, 0.05);
        assert!(
            told["notes"]
                .to_string()
                .contains("compté depuis janvier 2013"),
            "{told}"
        );
        let one = engine.at("avancement_zac", "2022-12", "Montévrain").await;
        near(
            &one,
            100.0 * authorised("AND comm = '77307'").await / 3200.0,
            0.05,
        );
        let none = engine.at("avancement_zac", "2022", "Carnetin").await;
        assert_eq!(
            (&none["value"], &none["status"]),
            (&Value::Null, &json!("final"))
        );
        let early = engine.at("avancement_zac", "2014-06", "Lagny").await;
        assert_eq!(
            early["value"],
            Value::Null,
            "its zone was created in November 2014: {early}"
        );
    }
}

#[tokio::test]
async fn the_population_is_that_of_the_census_and_grows_by_the_year_over_five() {
    for engine in engines().await {
        assert_eq!(engine.get("population", "latest").await["value"], 112_295);
        let told = engine.get("population", "2022").await;
        assert_eq!(
            (&told["value"], &told["status"]),
            (&json!(110_064), &json!("final"))
        );
        assert_eq!(engine.get("population", "2017").await["status"], "missing");
        let growth = engine.get("taux_croissance", "2023").await;
        let expected = ((112_295.0_f64 / 106_750.0).powf(0.2) - 1.0) * 100.0;
        near(&growth, expected, 0.005);
        let early = engine.get("taux_croissance", "2022").await;
        assert_eq!(early["value"], Value::Null, "{early}");
    }
}

#[tokio::test]
async fn starts_over_twelve_months_are_those_of_the_months() {
    for engine in engines().await {
        assert_eq!(
            engine.get("logements_commences_cumul12", "2022").await["value"],
            727
        );
        let months = engine.get("logements_commences", "2021-07/2022-06").await["value"].clone();
        assert_eq!(
            engine.get("logements_commences_cumul12", "2022-06").await["value"],
            months
        );
    }
}
