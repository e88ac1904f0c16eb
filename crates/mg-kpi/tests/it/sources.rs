//! Which source an answer rests on, and what is said where it says nothing.

use mg_testkit::ToolAnswer;
use serde_json::{Value, json};

use crate::engines::{AUTHORITY, Engine, engines, engines_of_its_own, sqlite};

async fn series(engine: &Engine, arguments: Value) -> ToolAnswer {
    engine.client.call("get_series", arguments).await
}

fn notes(told: &Value) -> String {
    told["notes"].to_string()
}

#[tokio::test]
async fn every_december_of_a_monthly_rolling_sum_is_the_sum_of_its_own_months() {
    let engine = sqlite("").await;
    for (name, months) in [
        ("logements_commences_cumul12", "logements_commences"),
        ("logements_autorises_cumul12", "logements_autorises"),
    ] {
        let told = series(&engine, json!({"name": name, "from": "2013"}))
            .await
            .ok();
        let points = told["points"].as_array().unwrap();
        let decembers = points.iter().filter(|point| {
            let end = point["period"]["end"].as_str().unwrap();
            end.contains("-12-") && point["value"].is_number()
        });
        let mut count = 0;
        for point in decembers {
            let year = &point["period"]["start"].as_str().unwrap()[..4];
            let asked =
                json!({"name": months, "from": format!("{year}-01"), "to": format!("{year}-12")});
            let of_year = series(&engine, asked).await.ok();
            assert_eq!(point["value"], of_year["sum"], "{name} {year}");
            assert_eq!(point["synthetic"], true, "{name} {year}");
            count += 1;
        }
        assert!(count > 9, "{told}");
        assert!(!notes(&told).contains("les autres sont publiées"), "{told}");
    }
}

#[tokio::test]
async fn the_year_of_a_rolling_sum_stays_the_published_one() {
    let engine = sqlite("").await;
    for (name, year, value) in [
        ("logements_commences_cumul12", "2018", 2070),
        ("logements_autorises_cumul12", "2022", 1564),
    ] {
        assert_eq!(engine.get(name, year).await["value"], value);
    }
}

#[tokio::test]
async fn shares_filled_in_month_by_month_are_one_note_and_the_series_an_answer() {
    let engine = sqlite("").await;
    for from in ["2011", "2013", "2016"] {
        let told = series(
            &engine,
            json!({"name": "part_social_autorise", "from": from}),
        )
        .await
        .ok();
        let all = told["notes"].as_array().unwrap();
        let shares = all
            .iter()
            .filter(|note| note.as_str().unwrap().contains("renseignée"));
        assert_eq!(shares.count(), 1, "{told}");
    }
}

#[tokio::test]
async fn a_note_of_some_years_names_them() {
    let engine = sqlite("").await;
    let told = series(
        &engine,
        json!({"name": "taux_transformation", "from": "2011"}),
    )
    .await
    .ok();
    let all = told["notes"].as_array().unwrap();
    let implausible = all
        .iter()
        .find(|note| note.as_str().unwrap().contains("bornes plausibles"));
    assert!(
        implausible.unwrap().as_str().unwrap().starts_with("2012"),
        "{told}"
    );
}

#[tokio::test]
async fn a_month_of_what_is_published_by_year_says_from_when_to_when() {
    for engine in engines().await {
        let told = engine.at("logements_autorises", "2022-03", "D77").await;
        assert_eq!(told["status"], "missing");
        assert!(
            notes(&told).contains("par année seulement : 2011 à 2024"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_date_before_the_data_says_when_they_begin() {
    for engine in engines().await {
        let told = engine.at("permis_autorises", "2012", AUTHORITY).await;
        assert!(
            notes(&told).contains("commencent en janvier 2013"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_growth_without_its_first_year_is_missing_and_names_it() {
    let engine = sqlite("").await;
    let told = engine.get("taux_croissance", "2022").await;
    assert_eq!(
        (&told["value"], &told["status"]),
        (&Value::Null, &json!("missing"))
    );
    assert!(notes(&told).contains("il manque 2017"), "{told}");
}

#[tokio::test]
async fn a_month_that_is_lacking_in_a_published_series_is_missing_and_not_zero() {
    for engine in engines_of_its_own().await {
        engine.change("DELETE FROM fact_serie WHERE serie = 'logements_autorises_cumul12' AND periode = '2015-06-01'", &[]).await;
        let told = engine
            .at("logements_autorises_cumul12", "2015-06", "FR")
            .await;
        assert_eq!(
            (&told["value"], &told["status"]),
            (&Value::Null, &json!("missing")),
            "{}",
            engine.name
        );
        let asked = json!({"name": "logements_autorises_cumul12", "territory": "FR"});
        let answer = engine.client.call("forecast_kpi", asked).await.ok();
        let history = answer["history"].as_array().unwrap();
        assert!(
            !history.iter().any(|point| point["value"] == 0),
            "{}: no zero is learnt from",
            engine.name
        );
    }
}
