//! What may be asked, in which words, and how a mistake is answered.

use serde_json::{Value, json};

use crate::engines::{engines, sqlite};

#[tokio::test]
async fn a_commune_is_one_by_code_siren_and_any_spelling() {
    for engine in engines().await {
        let mut told = Vec::new();
        for territory in [
            "Lagny",
            "LAGNY SUR MARNE",
            "77243",
            "lagny-sur-marne",
            "217702430",
        ] {
            told.push(engine.at("logements_autorises", "2022", territory).await);
        }
        assert!(
            told.iter().all(|answer| *answer == told[0]),
            "{}",
            engine.name
        );
        assert_eq!(told[0]["territory"]["code"], "77243");
        assert_eq!(
            engine
                .at("logements_autorises", "2022", "st thibault des vignes")
                .await["territory"]["code"],
            "77438"
        );
    }
}

#[tokio::test]
async fn numbers_and_texts_are_taken_for_each_other_where_they_mean_the_same() {
    let engine = sqlite("").await;
    let plain = engine.at("logements_autorises", "2022", "77243").await;
    let asked = json!({"name": "logements_autorises", "date": 2022, "territory": 77243});
    assert_eq!(engine.ask(asked).await.ok(), plain);
    let forecast = async |horizon: Value, levels: Value| {
        let asked = json!({"name": "logements_autorises_cumul12", "territory": "FR", "horizon": horizon, "levels": levels});
        engine.client.call("forecast_kpi", asked).await
    };
    let six = forecast(json!(6), json!([80])).await.ok();
    assert_eq!(forecast(json!(6.0), json!("[80]")).await.ok(), six);
    assert_eq!(forecast(json!("6"), json!(80)).await.ok(), six);
    let refusal = forecast(json!(-1.0), json!([80])).await.refusal();
    assert!(refusal.contains("1 to 24 steps ahead"), "{refusal}");
    let refusal = engine.client.call("list_indicators", json!({"limit": -1}));
    let refusal = refusal.await.refusal();
    assert!(
        refusal.contains("`limit` takes a whole number from 0 on"),
        "{refusal}"
    );
}

#[tokio::test]
async fn the_names_that_models_guess_are_taken() {
    let engine = sqlite("").await;
    let plain = engine
        .ask(json!({"name": "logements_autorises", "date": "2022", "territory": "77243"}))
        .await
        .ok();
    for asked in [
        json!({"indicator": "logements_autorises", "period": "2022", "commune": "77243"}),
        json!({"kpi": "Logements autorisés", "date": "2022", "territory": "77243", "vintage": null}),
        json!({"name": "dwellings authorised", "date": "janvier 2022 / décembre 2022", "commune": "lagny sur marne"}),
    ] {
        assert_eq!(engine.ask(asked.clone()).await.ok(), plain, "{asked}");
    }
}

#[tokio::test]
async fn without_territory_and_date_the_authority_and_the_latest_period_are_meant() {
    let engine = sqlite("").await;
    let told = engine
        .ask(json!({"name": "logements_autorises"}))
        .await
        .ok();
    assert_eq!(
        (&told["territory"]["code"], &told["period"]["end"]),
        (&json!("247700594"), &json!("2026-10-31"))
    );
    let montevrain = sqlite("[territory]\ndefault = \"77307\"").await;
    let told = montevrain
        .ask(json!({"name": "logements_autorises", "date": "2022"}))
        .await
        .ok();
    assert_eq!(told["territory"]["name"], "Montévrain");
}

#[tokio::test]
async fn a_month_may_be_written_as_people_do() {
    let engine = sqlite("").await;
    let march = engine.get("logements_autorises", "2024-03").await;
    for date in [
        "mars 2024",
        "03/2024",
        "2024-03-15",
        "March 2024",
        "2024-03/2024-03",
    ] {
        assert_eq!(
            engine.get("logements_autorises", date).await,
            march,
            "{date}"
        );
    }
    assert_eq!(
        engine.get("logements_autorises", "T1 2024").await["period"]["label"],
        "T1 2024"
    );
    let year = engine.get("logements_autorises", "12 derniers mois").await;
    assert_eq!(year["period"]["label"], "nov. 2025–oct. 2026");
    assert_eq!(
        year["value"],
        engine.get("logements_autorises_cumul12", "latest").await["value"]
    );
}

#[tokio::test]
async fn a_mistake_is_answered_with_what_would_work() {
    let engine = sqlite("").await;
    for (asked, expected) in [
        (
            json!({"name": "logements_autorises", "territory": "Lagni"}),
            "Lagny-sur-Marne (77243)",
        ),
        (
            json!({"name": "logements_autorises", "territory": "Bussy"}),
            "Bussy-Saint-Martin (77059)",
        ),
        (
            json!({"name": "logement_autorise"}),
            "nearest: logements_autorises",
        ),
        (
            json!({"name": "logements_autorises", "date": "hier"}),
            "12 derniers mois",
        ),
        (
            json!({"name": "logements_autorises", "date": "2024-13"}),
            "2024-03",
        ),
        (
            json!({"name": "construction_pour_1000_hab", "date": "2022-03"}),
            "a year such as 2022",
        ),
        (
            json!({"name": "logements_autorises_cumul12", "date": "2022-01/2022-10"}),
            "does not add up",
        ),
        (
            json!({"name": "permis_autorises", "territory": "FR"}),
            "no data for France (FR) to count back from; ask for 77058",
        ),
        (
            json!({"name": "logements_autorises", "comune": "Lagny"}),
            "`comune`",
        ),
        (json!({"date": "2022"}), "name"),
        (
            json!({"name": "logements_autorises", "vintage": "1999-01"}),
            "2026-10",
        ),
    ] {
        let refusal = engine.ask(asked.clone()).await.refusal();
        assert!(refusal.contains(expected), "{asked}: {refusal}");
    }
}

#[tokio::test]
async fn hostile_text_in_any_argument_is_only_a_name() {
    let engine = sqlite("").await;
    for text in [
        "'; DROP TABLE fact_permis; --",
        "77243' OR '1'='1",
        "\u{0}",
        "%",
        &"x".repeat(10_000),
    ] {
        for argument in ["name", "date", "territory"] {
            let mut asked =
                json!({"name": "logements_autorises", "date": "2022", "territory": "77243"});
            asked[argument] = Value::from(text);
            assert!(engine.ask(asked).await.is_error, "{argument}");
        }
    }
    assert_eq!(
        engine.get("logements_autorises", "2022").await["value"],
        1564
    );
}
