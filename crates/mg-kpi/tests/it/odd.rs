//! detect_anomalies: outliers, level shifts, missing and provisional periods told apart.

use mg_testkit::ToolAnswer;
use serde_json::{Value, json};

use crate::engines::{Engine, engines, engines_of_its_own, sqlite};

async fn detect(engine: &Engine, arguments: Value) -> ToolAnswer {
    engine.client.call("detect_anomalies", arguments).await
}

fn of_kind(told: &Value, kind: &str) -> Vec<Value> {
    let all = told["anomalies"].as_array().unwrap();
    all.iter()
        .filter(|anomaly| anomaly["kind"] == kind)
        .cloned()
        .collect()
}

#[tokio::test]
async fn provisional_months_are_told_apart_and_not_judged() {
    for engine in engines().await {
        let told = detect(
            &engine,
            json!({"name": "logements_autorises", "from": "2026"}),
        )
        .await
        .ok();
        let provisional = of_kind(&told, "provisional");
        assert_eq!(provisional.len(), 6, "{}: {told}", engine.name);
        assert!(
            provisional
                .iter()
                .all(|month| month["value"].is_number() && month["score"].is_null())
        );
        assert_eq!(provisional[0]["period"]["label"], "mai 2026");
        assert!(of_kind(&told, "missing").is_empty());
    }
}

#[tokio::test]
async fn months_that_the_newest_release_should_hold_are_missing_and_have_no_value() {
    for engine in engines().await {
        let answer = detect(
            &engine,
            json!({"name": "logements_commences", "from": "2023"}),
        )
        .await;
        assert!(
            answer
                .text
                .contains("|janvier 2024 – septembre 2026 (33)|manquante, pas zéro|"),
            "{}",
            answer.text
        );
        let told = answer.ok();
        let missing = of_kind(&told, "missing");
        assert_eq!(missing[0]["period"]["label"], "janvier 2024");
        assert_eq!(
            (
                missing.len(),
                missing.last().unwrap()["period"]["label"].as_str()
            ),
            (33, Some("septembre 2026"))
        );
        assert!(missing.iter().all(|month| month["value"].is_null()));
    }
}

#[tokio::test]
async fn a_planted_outlier_and_a_planted_shift_are_found_with_what_was_expected() {
    for engine in engines_of_its_own().await {
        engine.change("UPDATE fact_serie SET valeur = valeur + 300000 WHERE serie = 'logements_autorises_cumul12' AND periode = '2011-05-01'", &[]).await;
        engine.change("UPDATE fact_serie SET valeur = valeur + 900000 WHERE serie = 'logements_commences_cumul12' AND periode >= '2012-01-01'", &[]).await;
        let asked = json!({"name": "logements_autorises_cumul12", "territory": "FR"});
        let told = detect(&engine, asked).await.ok();
        let outliers = of_kind(&told, "outlier");
        let may = outliers
            .iter()
            .find(|one| one["period"]["label"] == "mai 2011")
            .unwrap_or_else(|| panic!("{told}"));
        let (value, expected) = (
            may["value"].as_f64().unwrap(),
            may["expected"].as_f64().unwrap(),
        );
        assert!((value - expected - 300_000.0).abs() < 60_000.0, "{may}");
        assert!(
            told["notes"].to_string().contains("n'est pas une erreur"),
            "{told}"
        );
        let asked = json!({"name": "logements_commences_cumul12", "territory": "FR"});
        let told = detect(&engine, asked).await.ok();
        let shifts = of_kind(&told, "level_shift");
        let january = shifts
            .iter()
            .find(|one| one["period"]["label"] == "janvier 2012")
            .unwrap_or_else(|| panic!("{told}"));
        let (value, expected, score) = (
            january["value"].as_f64().unwrap(),
            january["expected"].as_f64().unwrap(),
            january["score"].as_f64().unwrap(),
        );
        assert!((value - expected - 900_000.0).abs() < 90_000.0, "{january}");
        assert!(score >= 8.0, "{january}");
    }
}

#[tokio::test]
async fn a_list_that_is_cut_says_how_to_get_the_rest() {
    let engine = sqlite("").await;
    let gone = "DELETE FROM fact_serie WHERE serie = 'logements_autorises_cumul12' \
                AND periode BETWEEN '2005-01-01' AND '2019-12-01'";
    engine.change(gone, &[]).await;
    let mut asked = json!({"name": "logements_autorises_cumul12", "territory": "FR"});
    let told = detect(&engine, asked.clone()).await.ok();
    let total = told["total"].as_u64().unwrap();
    assert_eq!(told["truncated"], true, "{total}");
    assert_eq!(told["anomalies"].as_array().unwrap().len(), 150);
    let notes = told["notes"].to_string();
    let (_, rest) = notes.split_once("to = ").unwrap();
    asked["to"] = json!(rest.split('"').next().unwrap());
    let before = detect(&engine, asked).await.ok();
    assert_eq!(before["truncated"], false);
    let starts = |told: &Value| -> Vec<String> {
        let all = told["anomalies"].as_array().unwrap().iter();
        all.map(|one| one["period"]["start"].as_str().unwrap().to_owned())
            .collect()
    };
    let (before, after) = (starts(&before), starts(&told));
    assert_eq!(before.len() as u64 + 150, total);
    assert!(before.last() < after.first(), "{before:?}");
}

#[tokio::test]
async fn from_hides_what_was_earlier_but_still_learns_from_it() {
    let engine = sqlite("").await;
    let all = detect(&engine, json!({"name": "permis_autorises"}))
        .await
        .ok();
    let late = detect(&engine, json!({"name": "permis_autorises", "from": "2025"}))
        .await
        .ok();
    let kept: Vec<_> = all["anomalies"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["period"]["start"].as_str() >= Some("2025"))
        .cloned()
        .collect();
    assert_eq!(late["anomalies"].as_array().unwrap(), &kept);
    assert_eq!(late["examined"]["start"], "2025-01-01");
}

#[tokio::test]
async fn a_series_too_short_to_judge_says_so() {
    let engine = sqlite("").await;
    let told = detect(&engine, json!({"name": "avancement_plh", "from": "2024"})).await;
    assert!(!told.is_error, "{}", told.text);
    let yearly = detect(
        &engine,
        json!({"name": "logements_commences", "territory": "D77"}),
    )
    .await
    .ok();
    assert_eq!(yearly["grain"], "year");
    assert_eq!(of_kind(&yearly, "missing").len(), 2, "{yearly}");
}

#[tokio::test]
async fn what_cannot_be_is_answered_with_what_would_work() {
    let engine = sqlite("").await;
    for (asked, part) in [
        (
            json!({"name": "permis_autorise"}),
            "nearest: permis_autorises",
        ),
        (
            json!({"name": "permis_autorises", "from": "2199"}),
            "from 2013-01 to 2026-10",
        ),
        (
            json!({"name": "permis_autorises", "territory": "FR"}),
            "no data for France",
        ),
    ] {
        let refusal = detect(&engine, asked.clone()).await.refusal();
        assert!(refusal.contains(part), "{asked}: {refusal}");
    }
}

#[tokio::test]
async fn english_is_spoken_where_it_is_set() {
    let engine = sqlite("lang = \"en\"").await;
    let text = detect(
        &engine,
        json!({"name": "logements_commences", "from": "2023"}),
    )
    .await
    .text;
    assert!(
        text.contains("33 missing periods") && text.contains("|missing, not zero|"),
        "{text}"
    );
}
