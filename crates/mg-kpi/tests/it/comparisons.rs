//! compare_territories: ranks, shares, totals, and who lacks data.

use mg_testkit::ToolAnswer;
use serde_json::{Value, json};

use crate::engines::{Engine, engines, engines_of_its_own, sqlite};

async fn compare(engine: &Engine, arguments: Value) -> ToolAnswer {
    engine.client.call("compare_territories", arguments).await
}

#[tokio::test]
async fn the_twenty_communes_are_ranked_with_shares_that_make_the_published_total() {
    for engine in engines().await {
        let answer = compare(
            &engine,
            json!({"name": "logements_autorises", "date": "2022"}),
        )
        .await;
        assert!(
            answer
                .text
                .contains("Ensemble\u{a0}: 1\u{202f}564\u{a0}logements"),
            "{}",
            answer.text
        );
        let told = answer.ok();
        let rows = told["rows"].as_array().unwrap();
        assert_eq!(
            (rows.len(), &told["total"]),
            (20, &json!(1564)),
            "{}",
            engine.name
        );
        let sum: i64 = rows.iter().map(|row| row["value"].as_i64().unwrap()).sum();
        let shares: f64 = rows.iter().map(|row| row["share"].as_f64().unwrap()).sum();
        assert!(
            sum == 1564 && (shares - 100.0).abs() < 1.0,
            "{sum} {shares}"
        );
        let values: Vec<_> = rows
            .iter()
            .map(|row| row["value"].as_i64().unwrap())
            .collect();
        assert!(
            values.is_sorted_by(|left, right| left >= right),
            "{values:?}"
        );
        assert_eq!(
            (&rows[0]["rank"], &told["period"]["label"]),
            (&json!(1), &json!("2022"))
        );
        for row in &rows[..3] {
            let code = row["territory"]["code"].as_str().unwrap();
            assert_eq!(
                row["value"],
                engine.at("logements_autorises", "2022", code).await["value"]
            );
        }
    }
}

#[tokio::test]
async fn a_ratio_has_no_share_and_its_total_is_the_ratio_of_sums() {
    for engine in engines().await {
        for name in [
            "part_collectif",
            "construction_pour_1000_hab",
            "taille_moyenne_logement",
        ] {
            let told = compare(&engine, json!({"name": name, "date": "2022"}))
                .await
                .ok();
            assert_eq!(
                told["total"],
                engine.get(name, "2022").await["value"],
                "{name}"
            );
            let rows = told["rows"].as_array().unwrap();
            assert!(rows.iter().all(|row| row["share"].is_null()), "{told}");
        }
    }
}

#[tokio::test]
async fn named_territories_are_compared_and_nested_ones_have_no_total() {
    let engine = sqlite("").await;
    let asked = json!({"name": "logements_autorises", "date": "2022", "territories": ["Lagny", "montevrain", "77243"]});
    let told = compare(&engine, asked).await.ok();
    let rows = told["rows"].as_array().unwrap();
    let sum: i64 = rows.iter().map(|row| row["value"].as_i64().unwrap()).sum();
    assert_eq!((rows.len(), &told["total"]), (2, &json!(sum)));
    let asked = json!({"name": "logements_autorises", "territories": ["CA Marne et Gondoire", "D77", "R11"]});
    let told = compare(&engine, asked).await.ok();
    assert_eq!(
        (&told["total"], &told["period"]["label"]),
        (&Value::Null, &json!("2024"))
    );
    assert!(
        told["notes"].to_string().contains("se recouvrent"),
        "{told}"
    );
    assert_eq!(told["rows"][0]["value"], 56_686);
    assert!(
        told["rows"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["share"].is_null())
    );
}

#[tokio::test]
async fn those_without_data_are_named_and_never_ranked() {
    for engine in engines_of_its_own().await {
        engine
            .change("UPDATE source_couverture SET fin = '2021-12-31' WHERE mesure = 'log_aut' AND territoire = '77307'", &[])
            .await;
        engine
            .change("DELETE FROM source_couverture WHERE mesure = 'date_reelle_autorisation' AND territoire = '77307'", &[])
            .await;
        let told = compare(
            &engine,
            json!({"name": "logements_autorises", "date": "2022"}),
        )
        .await
        .ok();
        let last = told["rows"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (
                &last["territory"]["name"],
                &last["value"],
                &last["rank"],
                &last["status"]
            ),
            (
                &json!("Montévrain"),
                &Value::Null,
                &Value::Null,
                &json!("missing")
            )
        );
        assert_eq!(told["total"], Value::Null, "{}", engine.name);
        assert!(
            told["notes"]
                .to_string()
                .contains("données manquantes pour : Montévrain"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn starts_of_2024_are_missing_everywhere() {
    let engine = sqlite("").await;
    let answer = compare(
        &engine,
        json!({"name": "logements_commences", "date": "2024"}),
    )
    .await;
    assert!(answer.text.contains("|–|"), "{}", answer.text);
    let told = answer.ok();
    let rows = told["rows"].as_array().unwrap();
    assert!(
        rows.iter().all(|row| row["value"].is_null()
            && row["rank"].is_null()
            && row["status"] == "missing")
    );
    assert_eq!(told["total"], Value::Null);
}

#[tokio::test]
async fn progress_is_compared_with_each_territory_s_own_objective() {
    let engine = sqlite("").await;
    let asked =
        json!({"name": "avancement_plh", "date": "2022", "territories": ["247700594", "Lagny"]});
    let told = compare(&engine, asked).await.ok();
    assert_eq!(
        told["rows"][0]["value"],
        engine.get("avancement_plh", "2022").await["value"]
    );
    assert_eq!(
        (&told["rows"][1]["value"], &told["rows"][1]["status"]),
        (&Value::Null, &json!("missing"))
    );
}

#[tokio::test]
async fn what_cannot_be_compared_is_answered_with_what_would_work() {
    let engine = sqlite("").await;
    let many = vec!["Lagny"; 101];
    for (asked, part) in [
        (json!({"name": "logement"}), "nearest: "),
        (
            json!({"name": "logements_autorises", "territories": ["Lagny", "Parys"]}),
            "no territory named `Parys`",
        ),
        (
            json!({"name": "logements_autorises", "territories": many}),
            "at most 100",
        ),
        (
            json!({"name": "construction_pour_1000_hab", "date": "2022-03"}),
            "a year such as 2022",
        ),
    ] {
        let refusal = compare(&engine, asked.clone()).await.refusal();
        assert!(refusal.contains(part), "{asked}: {refusal}");
    }
}

#[tokio::test]
async fn every_engine_compares_alike() {
    let [first, others @ ..] = &engines().await[..] else {
        return;
    };
    for name in [
        "logements_autorises",
        "part_collectif",
        "taille_moyenne_logement",
    ] {
        let told = compare(first, json!({"name": name})).await;
        for other in others {
            let same = compare(other, json!({"name": name})).await;
            assert_eq!((&same.text, &same.data), (&told.text, &told.data), "{name}");
        }
    }
}
